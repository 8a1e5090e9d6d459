import { RelayError } from '../errors';
import type { Logger } from '../logger';
import { MAX_TIMER_MS } from '../longest-timer';
import type { GateState, GateStates } from './gate-states';

export interface GatePauses {
  /** For as long as Imgur asked. */
  asked(key: string, state: GateState, waitMs: number, why: string): void;
  /** For a wait of our own; it is longer after each refusal since the gate was last fully open. */
  chosen(key: string, state: GateState, refusals: number, why: string): void;
  /** For a minute, in which each image fails with the error and is not tried again. */
  refusing(key: string, state: GateState, error: RelayError): void;
  /** What images fail with while the gate is paused, or null if they wait. */
  refusalOf(state: GateState): RelayError | null;
  /** The end of the longest pause in force, ISO 8601, or null. */
  end(): string | null;
}

export interface GatePauseParts {
  states: GateStates;
  /** Called when what waits for a credential may ask again, or would get an error. */
  notify: (key: string) => void;
  /** The longest that images wait for Imgur, in milliseconds. */
  maxPauseMs: number;
  log: Logger;
  /** Called when a pause begins; not when it is extended. */
  onPause?: () => void;
  random?: () => number;
  /** Milliseconds of a clock that is never set; pauses are kept in its time. */
  now?: () => number;
  /** Unix time in milliseconds, to tell people when a pause ends. */
  wallClock?: () => number;
}

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

/** The pauses of a rate gate: how long they last, and what images do meanwhile. */
export function createGatePauses(parts: GatePauseParts): GatePauses {
  const { states, notify, maxPauseMs, log, onPause, random = Math.random } = parts;
  const { now = () => performance.now(), wallClock = Date.now } = parts;

  return {
    asked(key, state, waitMs, why) {
      shut(key, state, waitMs, ASKED_JITTER_MS, why);
    },

    chosen(key, state, refusals, why) {
      const waitMs = Math.min(FIRST_WAIT_MS * 2 ** refusals, LONGEST_CHOSEN_WAIT_MS);
      shut(key, state, waitMs, waitMs * CHOSEN_JITTER, why);
    },

    refusing(key, state, error) {
      const { code, message, cause } = error;
      const final = error.retryable
        ? new RelayError(code, message, { retryable: false, cause })
        : error;
      shut(key, state, REFUSING_MS, ASKED_JITTER_MS, message, final);
    },

    refusalOf,

    end() {
      const ends = states.all().flatMap((s) => (s.phase === 'paused' ? [s.until] : []));
      return ends.length > 0 ? iso(ends.reduce((a, b) => Math.max(a, b))) : null;
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
    const untilAsked = now() + waitMs;
    const until = Math.ceil(untilAsked + jitterMs * random());
    const extendedBy = state.phase === 'paused' ? until - state.until : Infinity;
    if (extendedBy <= 0) return;
    if (state.phase !== 'paused') {
      state.round += 1;
      if (state.shutSince === null) state.shutSince = now();
      else state.isProbed = true;
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
    const left = state.until - now();
    state.timer = setTimeout(
      () => {
        if (now() < state.until) {
          openAt(key, state);
          return;
        }
        Object.assign(state, { phase: 'half-open', places: 1, error: null });
        // Else those that come later would wait anew for what was too long for those before.
        states.dropLater(key, state, state.isProbed ? IDLE_AND_SHUT_MS : IDLE_MS);
        log.info({ key }, 'uploads to Imgur may go on');
        notify(key);
      },
      Math.min(left, MAX_TIMER_MS),
    ).unref();
  }

  function refusalOf(state: GateState): RelayError | null {
    if (state.error) return state.error;
    const { until, untilAsked, shutSince, isProbed } = state;
    if (untilAsked - now() > maxPauseMs) {
      const message = `Imgur takes no more uploads with this credential until ${iso(until)}.`;
      return new RelayError('imgur_rate_limited', message);
    }
    if (!isProbed || shutSince === null || untilAsked - shutSince <= maxPauseMs) return null;
    const message = `Imgur has taken no upload with this credential since ${iso(shutSince)}.`;
    return new RelayError('imgur_rate_limited', message);
  }

  /** A time of the monotonic clock as people know it: by how the wall clock stands now. */
  function iso(time: number): string {
    return new Date(Math.round(wallClock() + time - now())).toISOString();
  }
}
