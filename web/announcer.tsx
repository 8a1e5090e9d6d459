import { createContext } from 'preact';
import { useCallback, useContext, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';

const AnnounceContext = createContext<(text: string) => void>(() => undefined);

/** Says something to screen readers, without taking anything out of their hands. */
export const useAnnounce = (): ((text: string) => void) => useContext(AnnounceContext);

export function Announcer({ children }: { children: ComponentChildren }) {
  const [{ text, count }, setSaid] = useState({ text: '', count: 0 });
  const announce = useCallback(
    (next: string) => setSaid(({ count: before }) => ({ text: next, count: before + 1 })),
    [],
  );
  return (
    <AnnounceContext.Provider value={announce}>
      {children}
      <div class="visually-hidden" role="status" aria-live="polite" data-testid="announcer">
        {/* A new element, so that the same words are said again. */}
        <span key={count}>{text}</span>
      </div>
    </AnnounceContext.Provider>
  );
}
