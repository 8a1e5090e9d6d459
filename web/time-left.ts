/** How far a job was at a moment of `performance.now()` or any other clock in milliseconds. */
export interface ProgressSample {
  readonly at: number;
  readonly done: number;
}

const WINDOW_MS = 30_000;
/** Below this, an estimate would be a guess. */
const MIN_SPAN_MS = 1500;
const MIN_DONE = 2;

/** Adds a sample and forgets what is older than the window. */
export function addSample(
  samples: readonly ProgressSample[],
  sample: ProgressSample,
): ProgressSample[] {
  return [...samples.filter(({ at }) => sample.at - at <= WINDOW_MS), sample];
}

/**
 * How long the rest takes at the pace of the last half minute.
 *
 * @returns milliseconds, or null while there is too little to judge by.
 */
export function timeLeft(samples: readonly ProgressSample[], total: number): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last) return null;
  const [span, done] = [last.at - first.at, last.done - first.done];
  if (span < MIN_SPAN_MS || done < MIN_DONE) return null;
  return ((total - last.done) * span) / done;
}

/** `about 20 s left`: rounded so that it does not flicker. */
export function timeLeftWords(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 5) return 'a few seconds left';
  if (seconds < 60) return `about ${Math.ceil(seconds / 5) * 5} s left`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `about ${minutes} min left`;
  const hours = Math.floor(minutes / 60);
  return `about ${hours} h ${String(minutes % 60).padStart(2, '0')} min left`;
}
