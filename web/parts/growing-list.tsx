import { useEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';

const FIRST = 50;
const STEP = 100;
/** As many as stay in the document; those beyond have pages of their own. */
const PAGE = 1000;
/** How far below the window the list is kept ready. */
const AHEAD = '1200px';

/**
 * Shows a long list piece by piece, as far as somebody scrolls: nothing that is out of reach costs
 * anything, and what has been shown of a page stays, so that it can be searched and selected.
 */
export function GrowingList({
  total,
  subject,
  noun,
  onTurn,
  children,
}: {
  total: number;
  /** Another one starts again with the first piece. */
  subject: string;
  noun: string;
  /** Told of the first one on another page. */
  onTurn?: (from: number) => void;
  children: (from: number, to: number) => ComponentChildren;
}) {
  const [state, setState] = useState({ subject, from: 0, shown: FIRST });
  const isSame = state.subject === subject && state.from < total;
  const { from, shown } = isSame ? state : { from: 0, shown: FIRST };
  const top = useRef<HTMLDivElement>(null);
  const end = useRef<HTMLDivElement>(null);
  const rest = Math.min(PAGE, total - from);
  const hasMore = shown < rest;
  // Its end may be seen once more after somebody turned to another page, before that is drawn.
  const grow = (): void =>
    setState((now) =>
      now === state ? { subject, from, shown: Math.min(shown + STEP, PAGE) } : now,
    );
  const turnTo = (next: number): void => {
    setState({ subject, from: next, shown: FIRST });
    onTurn?.(next);
    top.current?.scrollIntoView();
    top.current?.focus({ preventScroll: true });
  };

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
  }, [shown, hasMore, from, subject, state]);

  const to = from + Math.min(shown, rest);
  return (
    <>
      <div ref={top} tabIndex={-1} class="list-top" />
      {children(from, to)}
      {hasMore && (
        <div class="list-end row" ref={end}>
          <span class="quiet">
            {to.toLocaleString()} of {total.toLocaleString()} {noun} shown
          </span>
          <button type="button" class="button small" onClick={grow}>
            Show more
          </button>
        </div>
      )}
      {total > PAGE && (
        <div class="list-end row" role="group" aria-label={`Pages of ${noun}`}>
          <button
            type="button"
            class="button small"
            disabled={from === 0}
            onClick={() => turnTo(from - PAGE)}
          >
            Previous page
          </button>
          <span class="quiet">
            {(from + 1).toLocaleString()} to {(from + rest).toLocaleString()} of{' '}
            {total.toLocaleString()}
          </span>
          <button
            type="button"
            class="button small"
            disabled={from + PAGE >= total}
            onClick={() => turnTo(from + PAGE)}
          >
            Next page
          </button>
        </div>
      )}
    </>
  );
}
