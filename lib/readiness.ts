import type { Reachability } from './imgur/reachability';
import type { RateGate } from './imgur/rate-gate';
import { STOPPING } from './jobs/job-refused';

export interface ReadinessParts {
  readonly isStopping: () => boolean;
  /** Whether the jobs can be reached where they are kept. */
  readonly isStoreAlive: () => boolean | Promise<boolean>;
  readonly gate: Pick<RateGate, 'refusal' | 'sinceTaken'>;
  readonly unreachable: Reachability;
}

/** Says why new images cannot be expected to succeed, as one sentence; null if they can. */
export type Readiness = () => Promise<string | null>;

/** While Imgur takes uploads, there is no need to look whether it can be reached. In milliseconds. */
const TAKEN_LATELY_MS = 60_000;

/**
 * Judges by what is known already: whether a stop has begun, whether Imgur refuses the credential,
 * when Imgur last took an upload. Only if none of these decides, it looks whether Imgur can be
 * reached.
 *
 * A pause is no reason, as images that wait for its end succeed after it. A refusal stops being a
 * reason when it is to be tested again: the test needs an image, and a service that is not ready
 * gets none.
 */
export function createReadiness(parts: ReadinessParts): Readiness {
  const { isStopping, isStoreAlive, gate, unreachable } = parts;
  return async () => {
    if (isStopping()) return STOPPING;
    if (!(await isStoreAlive())) return 'The database is away for now.';
    const refusal = gate.refusal();
    if (refusal) return refusal.message;
    return gate.sinceTaken() < TAKEN_LATELY_MS ? null : unreachable();
  };
}
