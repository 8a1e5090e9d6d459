export interface TimeLimit {
  /** The other side is waited for from now on. */
  resume(): void;
  /** The other side has sent something: the time at a stretch begins anew, if it is waited for. */
  progress(): void;
  /** The other side has answered; the time from now on is not its own. */
  pause(): void;
  /** How long that side has been waited for so far, up to the last pause. Milliseconds. */
  readonly spentMs: number;
}

/**
 * Limits the time spent waiting for one side of a transfer. Bytes that stream from a source to
 * Imgur wait now for the one, now for the other, and neither is to be blamed for its opposite.
 *
 * @param totalMs how long that side may be waited for in all.
 * @param stallMs how long it may be waited for at a stretch.
 * @param expire called at most once, with the limit that was passed.
 */
export function createTimeLimit(
  totalMs: number,
  stallMs: number,
  expire: (limit: 'total' | 'stall') => void,
): TimeLimit {
  let leftMs = totalMs;
  let startedAt = 0;
  let timer: NodeJS.Timeout | null = null;

  return {
    resume,
    pause,
    progress() {
      if (!timer) return;
      pause();
      resume();
    },
    get spentMs() {
      return totalMs - leftMs;
    },
  };

  function resume(): void {
    if (timer) return;
    startedAt = performance.now();
    const limit = leftMs <= stallMs ? 'total' : 'stall';
    timer = setTimeout(() => expire(limit), Math.max(0, Math.min(leftMs, stallMs)));
  }

  function pause(): void {
    if (!timer) return;
    clearTimeout(timer);
    timer = null;
    leftMs -= performance.now() - startedAt;
  }
}
