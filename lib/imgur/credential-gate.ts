import { RelayError } from '../errors';
import type { Logger } from '../logger';
import { MAX_TIMER_MS } from '../longest-timer';

/** What holds for the gates of all credentials. */
export interface GateRules {
  /** Uploads under way at which a gate that opens step by step is open. */
  concurrency: number;
  /** The longest that images wait for Imgur, in milliseconds. */
  maxPauseMs: number;
  log: Logger;
  /** Called when a pause begins; not when it is extended. */
  onPause: () => void;
  random: () => number;
  /** Milliseconds of a clock that is never set; pauses are kept in its time. */
  now: () => number;
  /** Unix time in milliseconds, to tell people when a pause ends. */
  wallClock: () => number;
}

/** How a gate stands, for those who share its credential. */
export interface GateLook {
  /** How long the pause in force lasts, in milliseconds; 0 without one. */
  readonly pausedMs: number;
  /** How many may be under way at once; null for any number. */
  readonly places: number | null;
  /** Whether images fail at once instead of waiting. */
  readonly fails: boolean;
  /** Whether that is for the credential's sake, and not for the length of the pause. */
  readonly isRefused: boolean;
}

export const OPEN: GateLook = { pausedMs: 0, places: null, fails: false, isRefused: false };

export interface GateListener {
  /** What waits may ask again, or would get an error. */
  changed(key: string): void;
  /** Nobody has uploaded for long: the gate says no more than a new one would. */
  idle(key: string): void;
}

/** Refusals of an address or a credential in a row, after which to go on for each image is rude. */
const FORBIDDEN_IN_A_ROW = 3;
const FIRST_WAIT_MS = 1000;
const LONGEST_CHOSEN_WAIT_MS = 600_000;
const CHOSEN_JITTER = 0.1;
const ASKED_JITTER_MS = 250;
const REFUSING_MS = 60_000;
/** Extensions below this are the jitter of many equal refusals, and not worth a line. */
const LOGGED_EXTENSION_MS = 1000;
/** How long a gate that opens step by step is remembered while nobody uploads. */
const IDLE_MS = 600_000;
/** The same where it was tested in vain: Imgur's quotas are of a day. */
const IDLE_AND_SHUT_MS = 86_400_000;

/** The gate of one credential; `RateGate` says what its methods do. Times are those of `now`. */
export class CredentialGate {
  readonly #key: string;
  readonly #rules: GateRules;
  readonly #listener: GateListener;
  /** Pauses so far; tells uploads that began before the last one from those after it. */
  round = 0;
  /** The end of the last pause, with the jitter; 0 if there was none. */
  until = 0;
  /** When Imgur last took an upload. */
  takenAt = -Infinity;
  /** Uploads under way, those from before the pause included: they test the gate as well. */
  inside = 0;
  /** How many of them a half-open gate allows. */
  #places = 1;
  #phase: 'open' | 'paused' | 'half-open' = 'open';
  /** The end of the pause, without the jitter. */
  #untilAsked = 0;
  /** What images fail with during this pause, if not with its length. */
  #error: RelayError | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** Refusals that paused the uploads since the gate was last fully open. */
  #pauses = 0;
  /** When uploads were first paused after the last one that Imgur took; Infinity if it takes them. */
  #shutSince = Infinity;
  /** Whether an upload that tested the gate was refused since then. */
  #isProbed = false;
  /** Refusals of the address, the account or the credential in a row. */
  #forbidden = 0;

  constructor(key: string, rules: GateRules, listener: GateListener) {
    this.#key = key;
    this.#rules = rules;
    this.#listener = listener;
  }

  get isPaused(): boolean {
    return this.#phase === 'paused';
  }

  /** Whether it says no more than a new one would. */
  get isBlank(): boolean {
    return this.#phase === 'open' && this.inside === 0 && this.#forbidden === 0;
  }

  tryEnter(): 'enter' | 'wait' | RelayError {
    if (this.#phase === 'paused') return this.refusal() ?? 'wait';
    if (this.#phase === 'half-open' && this.inside >= this.#places) return 'wait';
    this.inside += 1;
    return 'enter';
  }

  leave(outcome: 'success' | 'refused' | 'other'): void {
    this.inside = Math.max(0, this.inside - 1);
    if (outcome === 'success') {
      this.#forbidden = 0;
      this.takenAt = this.#rules.now();
    }
    if (this.#phase !== 'half-open') return;
    if (outcome === 'success') this.#grow();
    this.#listener.changed(this.#key);
  }

  pause(waitMs: number | null, why: string, round?: number): void {
    if (waitMs === null && !this.#isNews(round)) return;
    const refusals = this.#pauses;
    if (this.#phase !== 'paused') this.#pauses += 1;
    this.#pauseFor(waitMs, refusals, why);
  }

  spend(waitMs: number | null, round?: number): void {
    const isNews = this.#isNews(round);
    if (this.#phase !== 'paused') this.#wasTaken();
    if (waitMs !== null || isNews) {
      this.#pauseFor(waitMs, 0, 'the last upload that the limit allows is done');
    }
  }

  forbid(error: RelayError): void {
    this.#forbidden += 1;
    const isEnough = this.#phase === 'half-open' || this.#forbidden >= FORBIDDEN_IN_A_ROW;
    if (this.#phase !== 'paused' && isEnough) this.refuse(error);
  }

  doubt(error: RelayError, round?: number): void {
    this.#forbidden += 1;
    if (this.#forbidden < FORBIDDEN_IN_A_ROW || !this.#isNews(round)) return;
    if (this.#phase === 'half-open') this.refuse(error);
    else this.#pauseFor(null, 0, error.message);
  }

  refuse(error: RelayError): void {
    const { code, message, cause, retryable } = error;
    const final = retryable ? new RelayError(code, message, { retryable: false, cause }) : error;
    this.#shut(REFUSING_MS, ASKED_JITTER_MS, message, final);
  }

  /** What images fail with during a pause; null if they wait for its end, or there is none. */
  refusal(): RelayError | null {
    if (this.#phase !== 'paused') return null;
    if (this.#error) return this.#error;
    const { maxPauseMs, now } = this.#rules;
    if (this.#untilAsked - now() > maxPauseMs) {
      const message = `Imgur takes no more uploads with this credential until ${this.iso(this.until)}.`;
      return new RelayError('imgur_rate_limited', message);
    }
    if (!this.#isProbed || this.#untilAsked - this.#shutSince <= maxPauseMs) return null;
    const message = `Imgur has taken no upload with this credential since ${this.iso(this.#shutSince)}.`;
    return new RelayError('imgur_rate_limited', message);
  }

  look(): GateLook {
    if (this.#phase === 'open') return OPEN;
    return {
      pausedMs: this.isPaused ? Math.max(0, this.until - this.#rules.now()) : 0,
      places: this.isPaused ? 1 : this.#places,
      fails: this.refusal() !== null,
      isRefused: this.#error !== null,
    };
  }

  /** A time of the monotonic clock as people know it: by how the wall clock stands now. */
  iso(time: number): string {
    return new Date(Math.round(this.#rules.wallClock() + time - this.#rules.now())).toISOString();
  }

  /** Ends its timer. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Whether the gate is not paused, and an upload of that round not older than its last pause. */
  #isNews(round = this.round): boolean {
    return this.#phase !== 'paused' && round >= this.round;
  }

  #grow(): void {
    this.#wasTaken();
    this.#places *= 2;
    if (this.#places < this.#rules.concurrency) return;
    clearTimeout(this.#timer);
    this.#phase = 'open';
    this.#pauses = 0;
  }

  /** Imgur takes uploads: whatever it refuses from now on is not the continuation of what was. */
  #wasTaken(): void {
    this.#shutSince = Infinity;
    this.#isProbed = false;
  }

  /** For as long as Imgur asked, or for a wait of our own: longer after each refusal. */
  #pauseFor(askedMs: number | null, refusals: number, why: string): void {
    const chosenMs = Math.min(FIRST_WAIT_MS * 2 ** refusals, LONGEST_CHOSEN_WAIT_MS);
    if (askedMs === null) this.#shut(chosenMs, chosenMs * CHOSEN_JITTER, why);
    else this.#shut(askedMs, ASKED_JITTER_MS, why);
  }

  #shut(waitMs: number, jitterMs: number, why: string, error: RelayError | null = null): void {
    const { log, now, onPause, random } = this.#rules;
    const untilAsked = now() + waitMs;
    const until = Math.ceil(untilAsked + jitterMs * random());
    const extendedBy = this.isPaused ? until - this.until : Infinity;
    if (extendedBy <= 0) return;
    if (!this.isPaused) {
      this.round += 1;
      if (this.#shutSince === Infinity) this.#shutSince = now();
      else this.#isProbed = true;
      onPause();
    }
    this.#phase = 'paused';
    this.until = until;
    this.#untilAsked = untilAsked;
    this.#error = error;
    this.#openInTime();
    if (extendedBy > LOGGED_EXTENSION_MS) {
      log.warn({ key: this.#key, why, pausedUntil: this.iso(until) }, 'uploads to Imgur paused');
    }
    // Whoever waits must hear that it would be for too long.
    if (this.refusal()) this.#listener.changed(this.#key);
  }

  #openInTime(): void {
    const { now } = this.#rules;
    clearTimeout(this.#timer);
    const open = (): void => (now() < this.until ? this.#openInTime() : this.#open());
    this.#timer = setTimeout(open, Math.min(this.until - now(), MAX_TIMER_MS)).unref();
  }

  #open(): void {
    this.#phase = 'half-open';
    this.#places = 1;
    // Else those that come later would wait anew for what was too long for those before.
    this.#forgetIn(this.#isProbed ? IDLE_AND_SHUT_MS : IDLE_MS);
    this.#rules.log.info({ key: this.#key }, 'uploads to Imgur may go on');
    this.#listener.changed(this.#key);
  }

  #forgetIn(idleMs: number): void {
    this.#timer = setTimeout(() => {
      if (this.inside === 0) this.#listener.idle(this.#key);
      else this.#forgetIn(idleMs);
    }, idleMs).unref();
  }
}
