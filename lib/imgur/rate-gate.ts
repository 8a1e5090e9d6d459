import type { RelayError } from '../errors';
import type { UploadGate } from '../jobs/relay';
import { DEFAULT_KEY } from './credential-key';
import { createGatePauses, type GatePauseParts } from './gate-pauses';
import { createGateStates, type GateState } from './gate-states';

export interface RateGate extends UploadGate {
  /** How often the credential was paused so far: an upload notes it when it begins. */
  round(key: string): number;
  /**
   * Closes the gate after a refusal, or extends the pause in force.
   *
   * @param waitMs what Imgur asked for; null lets the gate choose, longer with each refused probe.
   * @param why Imgur's words, for the log.
   * @param round of the upload that was refused. One that began before the last pause says
   *   nothing new, unless it brings a wait of its own.
   */
  pause(key: string, waitMs: number | null, why: string, round?: number): void;
  /**
   * The same after an upload that Imgur took care of, and that was the last one which the limit
   * allows. That is no refused probe: without a wait of its own, the pause is always the shortest.
   */
  spend(key: string, waitMs: number | null, round?: number): void;
  /** Counts a refusal of the address or account; after several in a row, all fail with `error`. */
  forbid(key: string, error: RelayError): void;
  /**
   * Counts a refusal of the credential, which is seen now and then with a right one. After several
   * in a row one upload tests it, a second later; if that is refused as well, all fail like this.
   *
   * @param round of the upload that was refused, as for `pause`.
   */
  doubt(key: string, error: RelayError, round?: number): void;
  /** The credential is known to be refused: for a minute, all fail with `error`. */
  refuse(key: string, error: RelayError): void;
  /** The end of the longest pause in force, ISO 8601, or null. */
  pausedUntil(): string | null;
  /** What an image of the configured credential fails with for now, or null. */
  refusal(): RelayError | null;
  /** How long ago Imgur last took an upload of the configured credential, in ms; or Infinity. */
  sinceTaken(): number;
  /** How a credential's gate stands, for those who share it. */
  look(key: string): GateLook;
  close(): void;
}

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

export interface RateGateParts extends Omit<GatePauseParts, 'states' | 'notify'> {
  /** Uploads under way at which a gate that opens step by step is open. */
  concurrency: number;
}

/** Refusals of an address or a credential in a row, after which to go on for each image is rude. */
const FORBIDDEN_IN_A_ROW = 3;
const OPEN: GateLook = { pausedMs: 0, places: null, fails: false, isRefused: false };

/**
 * Pauses the uploads of a credential when Imgur asks for it, and opens again step by step: one
 * upload tests it, each success doubles the places, a refusal closes it anew.
 *
 * Images wait for a pause, but not for ever. They fail with `imgur_rate_limited` in two cases:
 * - the pause alone is longer than `maxPauseMs`;
 * - an upload has tested the gate and was refused, and the new pause would end more than
 *   `maxPauseMs` after Imgur last took an upload.
 *
 * In the second case, images that come later fail at once as long as the pause lasts. When it is
 * over, the first image that comes tests the gate, and the others wait only for its outcome. After
 * one success, images wait for pauses as before.
 *
 * @param key names a credential, and is none: it stands in the log.
 */
export function createRateGate(parts: RateGateParts): RateGate {
  const { concurrency, now = () => performance.now() } = parts;
  const listeners: ((key: string) => void)[] = [];
  const notify = (key: string): void => {
    for (const listener of listeners) listener(key);
  };
  const states = createGateStates(DEFAULT_KEY, notify);
  const pauses = createGatePauses({ ...parts, states, notify });

  return {
    tryEnter(key) {
      const state = states.of(key);
      if (state.phase === 'paused') return pauses.refusalOf(state) ?? 'wait';
      if (state.phase === 'half-open' && state.inside >= state.places) return 'wait';
      state.inside += 1;
      return 'enter';
    },

    leave(key, outcome) {
      const state = states.find(key);
      if (!state) return;
      state.inside = Math.max(0, state.inside - 1);
      if (outcome === 'success') {
        state.forbidden = 0;
        state.takenAt = now();
      }
      if (state.phase === 'half-open') {
        if (outcome === 'success') grow(state);
        notify(key);
      }
      states.dropIfIdle(key, state);
    },

    round: (key) => states.find(key)?.round ?? 0,

    pause(key, waitMs, why, round) {
      const state = states.of(key);
      if (waitMs === null && !isNews(state, round)) return;
      const refusals = state.pauses;
      if (state.phase !== 'paused') state.pauses += 1;
      if (waitMs === null) pauses.chosen(key, state, refusals, why);
      else pauses.asked(key, state, waitMs, why);
    },

    spend(key, waitMs, round) {
      const state = states.of(key);
      const why = 'the last upload that the limit allows is done';
      const chooses = waitMs === null && isNews(state, round);
      if (state.phase !== 'paused') wasTaken(state);
      if (waitMs !== null) pauses.asked(key, state, waitMs, why);
      else if (chooses) pauses.chosen(key, state, 0, why);
    },

    forbid(key, error) {
      const state = states.of(key);
      state.forbidden += 1;
      const isProbe = state.phase === 'half-open';
      if (state.phase === 'paused' || (!isProbe && state.forbidden < FORBIDDEN_IN_A_ROW)) return;
      pauses.refusing(key, state, error);
    },

    doubt(key, error, round) {
      const state = states.of(key);
      state.forbidden += 1;
      if (state.forbidden < FORBIDDEN_IN_A_ROW || !isNews(state, round)) return;
      if (state.phase === 'half-open') pauses.refusing(key, state, error);
      else pauses.chosen(key, state, 0, error.message);
    },

    refuse(key, error) {
      pauses.refusing(key, states.of(key), error);
    },

    onOpen: (listener) => void listeners.push(listener),

    pausedUntil: () => pauses.end(),

    refusal() {
      const state = states.find(DEFAULT_KEY);
      return state?.phase === 'paused' ? pauses.refusalOf(state) : null;
    },

    sinceTaken: () => now() - (states.find(DEFAULT_KEY)?.takenAt ?? -Infinity),

    look(key) {
      const state = states.find(key);
      if (!state || state.phase === 'open') return OPEN;
      const isPaused = state.phase === 'paused';
      return {
        pausedMs: isPaused ? Math.max(0, state.until - now()) : 0,
        places: isPaused ? 1 : state.places,
        fails: isPaused && pauses.refusalOf(state) !== null,
        isRefused: state.error !== null,
      };
    },

    close() {
      states.clear();
      listeners.length = 0;
    },
  };

  function grow(state: GateState): void {
    wasTaken(state);
    state.places *= 2;
    if (state.places < concurrency) return;
    clearTimeout(state.timer);
    state.phase = 'open';
    state.pauses = 0;
  }
}

/** Whether the gate is not paused, and an upload of that round not older than its last pause. */
function isNews(state: GateState, round = state.round): boolean {
  return state.phase !== 'paused' && round >= state.round;
}

/** Imgur takes uploads: whatever it refuses from now on is not the continuation of what was. */
function wasTaken(state: GateState): void {
  state.shutSince = null;
  state.isProbed = false;
}
