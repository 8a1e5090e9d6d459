import type { RelayError } from '../errors';

/** What the rate gate knows of one credential. */
export interface GateState {
  phase: 'open' | 'paused' | 'half-open';
  /** With and without the jitter; Unix time in milliseconds. */
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
  /** Pauses since the gate was last fully open. */
  pauses: number;
  /** Refusals of the address or account in a row. */
  forbidden: number;
}

export interface GateStates {
  /** The state of a key, made if there is none. */
  of(key: string): GateState;
  find(key: string): GateState | undefined;
  all(): GateState[];
  /** Lets go of a state that says no more than a new one would. */
  dropIfIdle(key: string, state: GateState): void;
  /** Lets go of a half-open state once nobody has uploaded for a while. */
  dropLater(key: string, state: GateState): void;
  clear(): void;
}

/** Credentials come with jobs, so that nothing else bounds their number. */
const MAX_STATES = 1000;
/** How long a gate that opens step by step is remembered while nobody uploads. */
const IDLE_MS = 600_000;

/**
 * The states of all credentials, bounded in number.
 *
 * @param onDropped called for a state that had to make room: what waits for it must be woken.
 */
export function createGateStates(onDropped: (key: string) => void): GateStates {
  const states = new Map<string, GateState>();

  return {
    of(key) {
      const known = states.get(key);
      if (known) return known;
      const dropped = states.size >= MAX_STATES ? makeRoom() : undefined;
      const state = newState();
      states.set(key, state);
      if (dropped !== undefined) onDropped(dropped);
      return state;
    },

    find: (key) => states.get(key),
    all: () => [...states.values()],

    dropIfIdle(key, state) {
      const isBlank = state.phase === 'open' && state.inside === 0 && state.forbidden === 0;
      if (isBlank) states.delete(key);
    },

    dropLater,

    clear() {
      for (const { timer } of states.values()) clearTimeout(timer);
      states.clear();
    },
  };

  function dropLater(key: string, state: GateState): void {
    state.timer = setTimeout(() => {
      if (state.inside === 0) states.delete(key);
      else dropLater(key, state);
    }, IDLE_MS).unref();
  }

  /** Drops the oldest state without uploads under way; those are bounded by their own limit. */
  function makeRoom(): string | undefined {
    for (const [key, { inside, timer }] of states) {
      if (inside > 0) continue;
      clearTimeout(timer);
      states.delete(key);
      return key;
    }
    return undefined;
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
    forbidden: 0,
  };
}
