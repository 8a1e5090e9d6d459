import { useEffect, useRef } from 'preact/hooks';

export interface Polling<T> {
  /** Another one is asked about at once. */
  readonly key: unknown;
  /** Whether to ask at all. */
  readonly enabled?: boolean;
  /** Milliseconds from an answer to the next question, at least. */
  readonly interval: number;
  readonly ask: () => Promise<T>;
  readonly use: (answer: T) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Asks again and again while the tab can be seen, one question at a time. A tab that comes back into
 * view asks at once. What is answered after the key has changed is not used.
 */
export function usePolling<T>(polling: Polling<T>): void {
  const { key, enabled = true, interval } = polling;
  const latest = useRef(polling);
  latest.current = polling;
  const plan = useRef<(() => void) | null>(null);

  useEffect(() => {
    const stop = new AbortController();
    let timer: number | undefined;
    let isAsking = false;
    let [began, ended] = [0, 0];

    const run = async (): Promise<void> => {
      window.clearTimeout(timer);
      if (isAsking || latest.current.enabled === false || document.hidden) return;
      isAsking = true;
      began = performance.now();
      try {
        const answer = await latest.current.ask();
        if (!stop.signal.aborted) latest.current.use(answer);
      } catch (error) {
        if (!stop.signal.aborted) latest.current.fail(error);
      }
      isAsking = false;
      ended = performance.now();
      planNext();
    };
    const start = (): void => void run();
    const planNext = (): void => {
      window.clearTimeout(timer);
      if (isAsking || stop.signal.aborted) return;
      // A slow answer is a service under load: half of the time is left to it at least.
      const wait = Math.max(latest.current.interval, ended - began);
      timer = window.setTimeout(start, ended + wait - performance.now());
    };

    start();
    plan.current = planNext;
    document.addEventListener('visibilitychange', start, { signal: stop.signal });
    return () => {
      stop.abort();
      window.clearTimeout(timer);
    };
  }, [key]);

  useEffect(() => plan.current?.(), [enabled, interval]);
}
