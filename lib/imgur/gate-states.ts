import type { RelayError } from '../errors';

/** What the rate gate knows of one credential. Times are those of a monotonic clock, in ms. */
export interface GateState {
  phase: 'open' | 'paused' | 'half-open';
  /** The end of the pause, with and without the jitter. */
  until: number;
  untilAsked: number;
  /** What images fail with during this pause, if not with its length. */
  error: RelayError | null;
  timer: NodeJS.Timeout | undefined;
  /** Uploads under way, those from before the pause included: they test the gate as well. */
  inside: number;
  /** How many of them a half-open gate allows. */
  places: number;
  /** Pauses so far; tells uploads that began before the last one from those after it. */
  round: number;
  /** Refusals that paused the uploads since the gate was last fully open. */
  pauses: number;
  /** When uploads were first paused after the last one that Imgur took; null if it takes them. */
  shutSince: number | null;
  /** Whether an upload that tested the gate was refused since then. */
  isProbed: boolean;
  /** When Imgur last took an upload. */
  takenAt: number;
  /** Refusals of the address, the account or the credential in a row. */
  forbidden: number;
}

export interface GateStates {
  /** The state of a key, made if there is none. */
  of(key: string): GateState;
  find(key: string): GateState | undefined;
  all(): GateState[];
  /** Lets go of a state that says no more than a new one would. */
  dropIfIdle(key: string, state: GateState): void;
  /** Lets go of a half-open state once nobody has uploaded for so many milliseconds. */
  dropLater(key: string, state: GateState, idleMs: number): void;
  clear(): void;
}

/** Credentials come with jobs, so that nothing else bounds their number. */
const MAX_STATES = 1000;

/**
 * The states of all credentials, bounded in number. What has to make room is what says least: the
 * state whose pause ends first, or has ended first, or that never was paused.
 *
 * @param kept the key whose state never makes room for others.
 * @param onDropped called for a state that had to make room: what waits for it must be woken. Never
 *   called before `of` has returned, as whoever asks for a state may be amid something.
 */
export function createGateStates(kept: string, onDropped: (key: string) => void): GateStates {
  const states = new Map<string, GateState>();

  return {
    of(key) {
      const known = states.get(key);
      if (known) return known;
      if (states.size >= MAX_STATES) makeRoom();
      const state = newState();
      states.set(key, state);
      return state;
    },

    find: (key) => states.get(key),
    all: () => [...states.values()],

    dropIfIdle(key, state) {
      // The one that most uploads use would come and go with each of them.
      if (key === kept) return;
      const isBlank = state.phase === 'open' && state.inside === 0 && state.forbidden === 0;
      if (isBlank) states.delete(key);
    },

    dropLater,

    clear() {
      for (const { timer } of states.values()) clearTimeout(timer);
      states.clear();
    },
  };

  function dropLater(key: string, state: GateState, idleMs: number): void {
    state.timer = setTimeout(() => {
      if (state.inside === 0) states.delete(key);
      else dropLater(key, state, idleMs);
    }, idleMs).unref();
  }

  /** States with uploads under way stay: those are bounded by their own limit. */
  function makeRoom(): void {
    let least: [key: string, state: GateState] | undefined;
    for (const entry of states) {
      const [key, state] = entry;
      if (state.inside > 0 || key === kept) continue;
      if (!least || state.until < least[1].until) least = entry;
    }
    if (!least) return;
    const [key, { timer }] = least;
    clearTimeout(timer);
    states.delete(key);
    void Promise.resolve().then(() => onDropped(key));
  }
}

function newState(): GateState {
  return {
    phase: 'open',
    until: 0,
    untilAsked: 0,
    error: null,
    timer: undefined,
    inside: 0,
    places: 1,
    round: 0,
    pauses: 0,
    shutSince: null,
    isProbed: false,
    takenAt: -Infinity,
    forbidden: 0,
  };
}
