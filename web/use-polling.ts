import { useEffect, useRef } from 'preact/hooks';

/** A hidden tab asks this rarely, and browsers let it run about once a minute. */
const HIDDEN_MS = 20_000;

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
 * Asks again and again, one question at a time, and rarely in a tab that is hidden. One that comes back
 * into view asks at once. What is answered after the key has changed is not used.
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
      if (isAsking || latest.current.enabled === false) return;
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
      const least = document.hidden ? HIDDEN_MS : 0;
      const wait = Math.max(latest.current.interval, ended - began, least);
      timer = window.setTimeout(start, ended + wait - performance.now());
    };

    start();
    plan.current = planNext;
    const onChange = (): void => (document.hidden ? planNext() : start());
    document.addEventListener('visibilitychange', onChange, { signal: stop.signal });
    return () => {
      stop.abort();
      window.clearTimeout(timer);
    };
  }, [key]);

  useEffect(() => plan.current?.(), [enabled, interval]);
}
