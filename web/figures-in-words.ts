/** `1 image`, `1,000 images`. */
export function countWords(count: number, noun: string): string {
  return `${count.toLocaleString()} ${noun}${count === 1 ? '' : 's'}`;
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

const FORMATS: Readonly<Record<string, string>> = { 'image/webp': 'WebP', 'image/avif': 'AVIF' };

/** `converted from WebP`; null where a picture was uploaded as it was, or is not known. */
export function convertedWords({
  type,
  sourceType,
}: {
  readonly type?: string | null;
  /** What earlier versions kept in this browser has none. */
  readonly sourceType?: string | null;
}): string | null {
  if (!type || !sourceType || type === sourceType) return null;
  return `converted from ${FORMATS[sourceType] ?? sourceType}`;
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
