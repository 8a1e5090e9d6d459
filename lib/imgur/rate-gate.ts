import type { RelayError } from '../errors';
import type { UploadGate } from '../jobs/relay';
import {
  CredentialGate,
  OPEN,
  type GateListener,
  type GateLook,
  type GateRules,
} from './credential-gate';

/** Names the configured credential where those of jobs are named as well. */
export const DEFAULT_KEY = 'default';

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

type Optional = 'onPause' | 'random' | 'now' | 'wallClock';
type RateGateParts = Omit<GateRules, Optional> & Partial<Pick<GateRules, Optional>>;

/** Credentials come with jobs, so that nothing else bounds their number. */
const MAX_GATES = 1000;

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
  const rules: GateRules = {
    onPause: () => undefined,
    random: Math.random,
    now: () => performance.now(),
    wallClock: Date.now,
    ...parts,
  };
  const gates = new Map<string, CredentialGate>();
  const listeners: ((key: string) => void)[] = [];
  const notify = (key: string): void => {
    for (const listener of listeners) listener(key);
  };
  const ofGate: GateListener = { changed: notify, idle: (key) => void gates.delete(key) };

  return {
    tryEnter: (key) => gateOf(key).tryEnter(),

    leave(key, outcome) {
      const gate = gates.get(key);
      gate?.leave(outcome);
      // The one that most uploads use would come and go with each of them.
      if (gate?.isBlank && key !== DEFAULT_KEY) gates.delete(key);
    },

    round: (key) => gates.get(key)?.round ?? 0,
    pause: (key, ...refusal) => gateOf(key).pause(...refusal),
    spend: (key, ...limit) => gateOf(key).spend(...limit),
    forbid: (key, error) => gateOf(key).forbid(error),
    doubt: (key, ...refusal) => gateOf(key).doubt(...refusal),
    refuse: (key, error) => gateOf(key).refuse(error),

    onOpen: (listener) => void listeners.push(listener),

    pausedUntil() {
      const paused = [...gates.values()].filter((gate) => gate.isPaused);
      if (paused.length === 0) return null;
      const longest = paused.reduce((a, b) => (a.until > b.until ? a : b));
      return longest.iso(longest.until);
    },

    refusal: () => gates.get(DEFAULT_KEY)?.refusal() ?? null,
    sinceTaken: () => rules.now() - (gates.get(DEFAULT_KEY)?.takenAt ?? -Infinity),

    look: (key) => gates.get(key)?.look() ?? OPEN,

    close() {
      for (const gate of gates.values()) gate.stop();
      gates.clear();
      listeners.length = 0;
    },
  };

  function gateOf(key: string): CredentialGate {
    const known = gates.get(key);
    if (known) return known;
    if (gates.size >= MAX_GATES) makeRoom();
    const gate = new CredentialGate(key, rules, ofGate);
    gates.set(key, gate);
    return gate;
  }

  /**
   * Lets go of the gate that says least: whose pause ends first, or has ended first, or that never
   * was paused. Those with uploads under way stay, which are bounded by their own limit, and so does
   * that of the configured credential.
   */
  function makeRoom(): void {
    let least: [key: string, gate: CredentialGate] | undefined;
    for (const entry of gates) {
      const [key, gate] = entry;
      if (gate.inside > 0 || key === DEFAULT_KEY) continue;
      if (!least || gate.until < least[1].until) least = entry;
    }
    if (!least) return;
    const [key, gate] = least;
    gate.stop();
    gates.delete(key);
    // What waits for it must be woken, but whoever asks for a gate just now may be amid something.
    void Promise.resolve().then(() => notify(key));
  }
}
