import type { Reachability } from './imgur/reachability';
import type { RateGate } from './imgur/rate-gate';

export interface ReadinessParts {
  readonly isStopping: () => boolean;
  /** Whether the jobs can be reached where they are kept. */
  readonly isStoreAlive: () => boolean;
  readonly gate: Pick<RateGate, 'refusal' | 'sinceTaken'>;
  readonly unreachable: Reachability;
}

/** Says why new images cannot be expected to succeed, as one sentence; null if they can. */
export type Readiness = () => Promise<string | null>;

/** While Imgur takes uploads, there is no need to look whether it can be reached. In milliseconds. */
const TAKEN_LATELY_MS = 60_000;

/**
 * Judges by what is known already: whether a stop has begun, whether Imgur refuses the credential,
 * when it last took an upload. Only if all that says nothing, it looks whether Imgur can be reached.
 *
 * A pause that images wait for is no reason: they succeed after it. And once a refusal is to be
 * tested again, there must be an image to test it with, which none will be sent to who is not ready.
 */
export function createReadiness(parts: ReadinessParts): Readiness {
  const { isStopping, isStoreAlive, gate, unreachable } = parts;
  return async () => {
    if (isStopping()) return 'The service is stopping and takes no new jobs.';
    if (!isStoreAlive()) return 'The database is away for now.';
    const refusal = gate.refusal();
    if (refusal) return refusal.message;
    return gate.sinceTaken() < TAKEN_LATELY_MS ? null : unreachable();
  };
}
