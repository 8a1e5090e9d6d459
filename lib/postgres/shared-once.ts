import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { JobRefused, keyReused } from '../jobs/job-refused';
import type { IdempotencyKey } from '../jobs/job-store';
import type { Once } from '../jobs/once';
import { isAway } from './away';
import type { Database } from './database';

/** Whoever makes an answer has given up before. */
const CLAIM_S = 30;
/** How long whoever comes second waits for the first, and how often it looks. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 100;

/** A key that is too old is free again, and so is one whose maker has died. */
const CLAIM = `
  INSERT INTO answers AS known (key, fingerprint, claim, expires)
  VALUES ($1, $2, $3, clock_timestamp() + interval '${CLAIM_S} seconds')
  ON CONFLICT (key) DO UPDATE
    SET fingerprint = excluded.fingerprint, answer = NULL, claim = excluded.claim,
      expires = excluded.expires
    WHERE known.expires < clock_timestamp()
  RETURNING key`;
const LOOK = 'SELECT fingerprint, answer FROM answers WHERE key = $1';
const KEEP = `
  UPDATE answers SET answer = $3, expires = clock_timestamp() + interval '24 hours'
  WHERE key = $1 AND claim = $2`;
const FORGET = 'DELETE FROM answers WHERE key = $1 AND claim = $2';

/** Once for each key in all processes. No connection is held while the answer is made. */
export function onceInFleet({ query }: Database): Once {
  return async <T>(once: IdempotencyKey, make: () => Promise<T>) => {
    const claim = randomUUID();
    const found = await claimOrFind(once, claim);
    if (found !== null) return found as T;
    try {
      const result = await make();
      await keep(once.key, claim, result);
      return result;
    } catch (error) {
      await query(FORGET, [once.key, claim]).catch(() => undefined);
      throw error;
    }
  };

  async function keep(key: string, claim: string, result: unknown): Promise<void> {
    try {
      await query(KEEP, [key, claim, JSON.stringify(result)]);
    } catch (error) {
      // It is made: whoever asked is to have it, also where nobody will have it again.
      if (!isAway(error)) throw error;
    }
  }

  /** @returns the answer that was made before; null if it is the caller's to make. */
  async function claimOrFind({ key, fingerprint }: IdempotencyKey, claim: string) {
    const end = performance.now() + PATIENCE_MS;
    while (performance.now() < end) {
      const [claimed] = await query(CLAIM, [key, fingerprint, claim]);
      if (claimed) return null;
      const [known] = await query<{ fingerprint: string; answer: unknown }>(LOOK, [key]);
      if (known && known.fingerprint !== fingerprint) throw keyReused();
      if (known && known.answer !== null) return known.answer;
      await wait(LOOK_MS);
    }
    throw new JobRefused('key_busy', 'What this Idempotency-Key asks for is under way; ask later.');
  }
}
