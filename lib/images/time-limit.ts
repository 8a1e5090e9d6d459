/** Hears how much comes from a side that is waited for. */
export interface FlowListener {
  /** It has sent next to nothing for a second. Said again each second for as long as that lasts. */
  silent(): void;
  /** It sends, as it did or again. Said each second. */
  sends(): void;
}

/** How often the flow is judged, in milliseconds, and less than what in that time is silence. */
const FLOW_MS = 1000;
const LITTLE_BYTES = 16_384;

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
  readonly #flow: FlowListener | null;
  #spentMs = 0;
  #isWaiting = false;
  #isOver = false;
  /** When this wait began, and when something was last heard during it. */
  #startedAt = 0;
  #heardAt = 0;
  /** When the flow was last judged, and what has come since. */
  #judgedAt = 0;
  #bytes = 0;
  #timer: NodeJS.Timeout | null = null;

  /**
   * @param totalMs how long that side may be waited for in all.
   * @param stallMs how long it may be waited for at a stretch.
   * @param expire called with the limit that was passed.
   */
  constructor(
    totalMs: number,
    stallMs: number,
    expire: (limit: 'total' | 'stall') => void,
    flow: FlowListener | null = null,
  ) {
    this.#totalMs = totalMs;
    this.#stallMs = stallMs;
    this.#expire = expire;
    this.#flow = flow;
  }

  /** How long that side has been waited for so far, up to the last pause. Milliseconds. */
  get spentMs(): number {
    return this.#spentMs;
  }

  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** The other side is waited for from now on. */
  resume(): void {
    if (this.#isWaiting || this.#isOver) return;
    this.#isWaiting = true;
    this.#startedAt = this.#heardAt = performance.now();
    // One that runs already fires no later than this wait may last.
    if (!this.#timer) this.#arm(Math.min(this.#totalMs - this.#spentMs, this.#stallMs));
  }

  /**
   * The other side has sent something: the time at a stretch begins anew, if it is waited for.
   *
   * @param bytes how much, where that is counted.
   */
  progress(bytes = 0): void {
    this.#bytes += bytes;
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

  #arm(left: number): void {
    const ms = this.#flow ? Math.min(left, FLOW_MS) : left;
    this.#timer = setTimeout(() => this.#check(), Math.ceil(Math.max(0, ms)));
  }

  #check(): void {
    this.#timer = null;
    if (!this.#isWaiting) return;
    const now = performance.now();
    const totalLeft = this.#totalMs - this.#spentMs - (now - this.#startedAt);
    const stallLeft = this.#stallMs - (now - this.#heardAt);
    const left = Math.min(totalLeft, stallLeft);
    if (left <= 0) {
      this.#expire(totalLeft <= stallLeft ? 'total' : 'stall');
      return;
    }
    const judgedIn = this.#flow ? this.#judge(this.#flow, now) : Infinity;
    // What was told may have ended it all.
    if (!this.#isOver) this.#arm(Math.min(left, judgedIn));
  }

  /** @returns after how many milliseconds the flow is to be judged again. */
  #judge(flow: FlowListener, now: number): number {
    const since = Math.max(this.#startedAt, this.#judgedAt);
    // A millisecond is the grain of timers.
    if (now - since < FLOW_MS - 1) return FLOW_MS - (now - since);
    const isSilent = this.#bytes < LITTLE_BYTES;
    this.#judgedAt = now;
    this.#bytes = 0;
    if (isSilent) flow.silent();
    else flow.sends();
    return FLOW_MS;
  }
}
