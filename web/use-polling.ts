import { useEffect, useRef } from 'preact/hooks';

/**
 * Asks again and again while the tab can be seen: `ask` tells in how many milliseconds to ask next,
 * or null for never. One question at a time; a tab that comes back into view asks at once.
 *
 * @param subject another one starts anew.
 */
export function usePolling(
  ask: (signal: AbortSignal) => Promise<number | null>,
  subject: unknown,
): void {
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    const stop = new AbortController();
    let timer: number | undefined;
    let isAsking = false;
    let isOver = false;

    const run = async (): Promise<void> => {
      window.clearTimeout(timer);
      if (isAsking || isOver || document.hidden) return;
      isAsking = true;
      const began = performance.now();
      const wait = await latest.current(stop.signal).finally(() => (isAsking = false));
      if (stop.signal.aborted) return;
      if (wait === null) isOver = true;
      // A slow answer is a service under load: half of the time is left to it at least.
      else timer = window.setTimeout(start, Math.max(wait, performance.now() - began));
    };
    const start = (): void => void run();

    start();
    document.addEventListener('visibilitychange', start, { signal: stop.signal });
    return () => {
      stop.abort();
      window.clearTimeout(timer);
    };
  }, [subject]);
}
