import { RelayError } from '../errors';
import type { Logger } from '../logger';
import { createGateStates, type GateState } from './gate-states';

export interface RateGate {
  /**
   * `enter` takes a place until `leave`; with `wait`, `onOpen` tells when to ask again; an error
   * is final for the image.
   */
  tryEnter(key: string): 'enter' | 'wait' | RelayError;
  leave(key: string, outcome: 'success' | 'refused' | 'other'): void;
  /** How often the credential was paused so far: an upload notes it when it begins. */
  round(key: string): number;
  /**
   * Closes the gate, or extends the pause in force.
   *
   * @param waitMs what Imgur asked for; null lets the gate choose, longer with each refused probe.
   * @param why Imgur's words, for the log.
   * @param round of the upload that was refused. One that began before the last pause says
   *   nothing new, unless it brings a wait of its own.
   */
  pause(key: string, waitMs: number | null, why: string, round?: number): void;
  /** Counts a refusal of the address or account; after several in a row, all fail with `error`. */
  forbid(key: string, error: RelayError): void;
  /** Calls back whenever what waits for that credential may ask again. */
  onOpen(listener: (key: string) => void): void;
  /** The end of the longest pause in force, ISO 8601, or null. */
  pausedUntil(): string | null;
  close(): void;
}

export interface RateGateParts {
  /** Images fail instead of waiting when a pause lasts longer than this. Milliseconds. */
  maxPauseMs: number;
  /** Uploads under way at which a gate that opens step by step is open. */
  concurrency: number;
  log: Logger;
  /** Called when a pause begins; not when it is extended. */
  onPause?: () => void;
  random?: () => number;
}

const FIRST_WAIT_MS = 1000;
const LONGEST_CHOSEN_WAIT_MS = 600_000;
const CHOSEN_JITTER = 0.1;
const ASKED_JITTER_MS = 250;
/** Refusals of an address or account in a row, after which asking again for each image is rude. */
const FORBIDDEN_IN_A_ROW = 3;
const FORBIDDEN_PAUSE_MS = 60_000;
/** Extensions below this are the jitter of many equal refusals, and not worth a line. */
const LOGGED_EXTENSION_MS = 1000;
/** setTimeout fires at once for anything longer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Pauses the uploads of a credential when Imgur asks for it, and opens again step by step: one
 * upload tests it, each success doubles the places, a refusal closes it anew.
 *
 * @param key names a credential, and is none: it stands in the log.
 */
export function createRateGate(parts: RateGateParts): RateGate {
  const { maxPauseMs, concurrency, log, onPause, random = Math.random } = parts;
  const listeners: ((key: string) => void)[] = [];
  const states = createGateStates(notify);

  return {
    tryEnter(key) {
      const state = states.of(key);
      if (state.phase === 'paused') return refusalOf(state) ?? 'wait';
      if (state.phase === 'half-open' && state.inside >= state.places) return 'wait';
      state.inside += 1;
      return 'enter';
    },

    leave(key, outcome) {
      const state = states.find(key);
      if (!state) return;
      state.inside = Math.max(0, state.inside - 1);
      if (outcome === 'success') state.forbidden = 0;
      if (state.phase === 'half-open') {
        if (outcome === 'success') grow(state);
        notify(key);
      }
      states.dropIfIdle(key, state);
    },

    round: (key) => states.find(key)?.round ?? 0,

    pause(key, waitMs, why, round) {
      const state = states.of(key);
      const began = round ?? state.round;
      if (waitMs !== null) {
        shut(key, state, waitMs, ASKED_JITTER_MS, why);
      } else if (state.phase !== 'paused' && began >= state.round) {
        const chosen = Math.min(FIRST_WAIT_MS * 2 ** state.pauses, LONGEST_CHOSEN_WAIT_MS);
        shut(key, state, chosen, chosen * CHOSEN_JITTER, why);
      }
    },

    forbid(key, error) {
      const state = states.of(key);
      state.forbidden += 1;
      const isProbe = state.phase === 'half-open';
      if (state.phase === 'paused' || (!isProbe && state.forbidden < FORBIDDEN_IN_A_ROW)) return;
      shut(key, state, FORBIDDEN_PAUSE_MS, ASKED_JITTER_MS, error.message, error);
    },

    onOpen: (listener) => void listeners.push(listener),

    pausedUntil() {
      const ends = states.all().flatMap((s) => (s.phase === 'paused' ? [s.until] : []));
      return ends.length > 0 ? iso(ends.reduce((a, b) => Math.max(a, b))) : null;
    },

    close() {
      states.clear();
      listeners.length = 0;
    },
  };

  function shut(
    key: string,
    state: GateState,
    waitMs: number,
    jitterMs: number,
    why: string,
    error: RelayError | null = null,
  ): void {
    const untilAsked = Date.now() + waitMs;
    const until = Math.ceil(untilAsked + jitterMs * random());
    const extendedBy = state.phase === 'paused' ? until - state.until : Infinity;
    if (extendedBy <= 0) return;
    if (state.phase !== 'paused') {
      state.round += 1;
      state.pauses += 1;
      onPause?.();
    }
    Object.assign(state, { phase: 'paused', until, untilAsked, error });
    openAt(key, state);
    if (extendedBy > LOGGED_EXTENSION_MS) {
      log.warn({ key, why, pausedUntil: iso(until) }, 'uploads to Imgur paused');
    }
    // Whoever waits must hear that it would be for too long.
    if (refusalOf(state)) notify(key);
  }

  function openAt(key: string, state: GateState): void {
    clearTimeout(state.timer);
    const left = state.until - Date.now();
    state.timer = setTimeout(
      () => {
        if (Date.now() < state.until) {
          openAt(key, state);
          return;
        }
        Object.assign(state, { phase: 'half-open', places: 1, error: null });
        states.dropLater(key, state);
        log.info({ key }, 'uploads to Imgur may go on');
        notify(key);
      },
      Math.min(left, MAX_TIMER_MS),
    ).unref();
  }

  function grow(state: GateState): void {
    state.places *= 2;
    if (state.places < concurrency) return;
    clearTimeout(state.timer);
    state.phase = 'open';
    state.pauses = 0;
  }

  function refusalOf(state: GateState): RelayError | null {
    if (state.error) return state.error;
    if (state.untilAsked - Date.now() <= maxPauseMs) return null;
    const message = `Imgur takes no more uploads with this credential until ${iso(state.until)}.`;
    return new RelayError('imgur_rate_limited', message);
  }

  function notify(key: string): void {
    for (const listener of listeners) listener(key);
  }
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
