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

/** `840 ms`, `3.2 s`, `2 min 05 s`. */
export function durationWords(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** `just now`, `5 min ago`, `3 h ago`, `2 days ago`. */
export function agoWords(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ago`;
  return `${Math.floor(hours / 24)} days ago`;
}

/** `912 B`, `48 kB`, `2.4 MB`. */
export function byteWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** The time of a day, and the day too if it is not today: `14:32`, `22 Nov, 14:32`. */
export function clockWords(until: Date, now: Date): string {
  const time = until.toLocaleTimeString([], {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    // Pauses of seconds would otherwise seem to be over.
    ...(Math.abs(until.getTime() - now.getTime() - 30_000) <= 30_000
      ? { second: '2-digit' as const }
      : {}),
  });
  if (until.toDateString() === now.toDateString()) return time;
  return `${until.toLocaleDateString([], { day: 'numeric', month: 'short' })}, ${time}`;
}
