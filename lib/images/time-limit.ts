/**
 * Limits the time spent waiting for one side of a transfer. Bytes that stream from a source to
 * Imgur wait now for the one, now for the other, and neither is to be blamed for its opposite.
 *
 * To set and clear a timer for each chunk would cost more than the chunk: one timer runs on, and
 * looks for itself, when it fires, how much time is left.
 */
export class TimeLimit {
  readonly #totalMs: number;
  readonly #stallMs: number;
  readonly #expire: (limit: 'total' | 'stall') => void;
  #spentMs = 0;
  #isWaiting = false;
  #isOver = false;
  /** When this wait began, and when something was last heard during it. */
  #startedAt = 0;
  #heardAt = 0;
  #timer: NodeJS.Timeout | null = null;

  /**
   * @param totalMs how long that side may be waited for in all.
   * @param stallMs how long it may be waited for at a stretch.
   * @param expire called with the limit that was passed.
   */
  constructor(totalMs: number, stallMs: number, expire: (limit: 'total' | 'stall') => void) {
    this.#totalMs = totalMs;
    this.#stallMs = stallMs;
    this.#expire = expire;
  }

  /** How long that side has been waited for so far, up to the last pause. Milliseconds. */
  get spentMs(): number {
    return this.#spentMs;
  }

  /** The other side is waited for from now on. */
  resume(): void {
    if (this.#isWaiting || this.#isOver) return;
    this.#isWaiting = true;
    this.#startedAt = this.#heardAt = performance.now();
    // One that runs already fires no later than this wait may last.
    if (!this.#timer) this.#arm(Math.min(this.#totalMs - this.#spentMs, this.#stallMs));
  }

  /** The other side has sent something: the time at a stretch begins anew, if it is waited for. */
  progress(): void {
    if (this.#isWaiting) this.#heardAt = performance.now();
  }

  /** The other side has answered; the time from now on is not its own. */
  pause(): void {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    this.#spentMs += performance.now() - this.#startedAt;
  }

  /** Nobody is waited for any more, whatever is said later. */
  stop(): void {
    this.pause();
    this.#isOver = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(ms: number): void {
    this.#timer = setTimeout(() => this.#check(), Math.ceil(Math.max(0, ms)));
  }

  #check(): void {
    this.#timer = null;
    if (!this.#isWaiting) return;
    const now = performance.now();
    const totalLeft = this.#totalMs - this.#spentMs - (now - this.#startedAt);
    const stallLeft = this.#stallMs - (now - this.#heardAt);
    const left = Math.min(totalLeft, stallLeft);
    if (left > 0) this.#arm(left);
    else this.#expire(totalLeft <= stallLeft ? 'total' : 'stall');
  }
}
