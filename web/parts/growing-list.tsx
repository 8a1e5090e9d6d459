import { useEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';

const FIRST = 50;
const STEP = 100;
/** How far below the window the list is kept ready. */
const AHEAD = '1200px';

/**
 * Shows a long list piece by piece, as far as somebody scrolls: nothing that is out of reach costs
 * anything, and what has been shown stays, so that it can be searched and selected.
 */
export function GrowingList({
  total,
  subject,
  noun,
  children,
}: {
  total: number;
  /** Another one starts again with the first piece. */
  subject: string;
  noun: string;
  children: (shown: number) => ComponentChildren;
}) {
  const [state, setState] = useState({ subject, shown: FIRST });
  const shown = state.subject === subject ? state.shown : FIRST;
  const end = useRef<HTMLDivElement>(null);
  const hasMore = shown < total;
  const grow = (): void => setState({ subject, shown: shown + STEP });

  useEffect(() => {
    const element = end.current;
    if (!element || !hasMore) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) grow();
      },
      { rootMargin: AHEAD },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [shown, hasMore, subject]);

  return (
    <>
      {children(Math.min(shown, total))}
      {hasMore && (
        <div class="list-end row" ref={end}>
          <span class="quiet">
            {shown.toLocaleString()} of {total.toLocaleString()} {noun} shown
          </span>
          <button type="button" class="button small" onClick={grow}>
            Show more
          </button>
        </div>
      )}
    </>
  );
}
