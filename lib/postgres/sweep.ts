import type { Database } from './database';
import { LOCKS } from './locks';

export interface SweepBounds {
  readonly maxFinishedImages: number;
  readonly maxLinks: number;
}

/** Images and links that go at once, so that no sweep holds up the heartbeat. */
const MOST_IMAGES = 10_000;
const MOST_LINKS = 10_000;

/** The job that finished last stays, however large: its client has not seen it yet. */
const OLD_JOBS = `
  WITH finished AS (
    SELECT seq,
      sum(total) OVER oldest - total AS before,
      sum(total) OVER () - sum(total) OVER oldest + total AS images,
      row_number() OVER (ORDER BY finished DESC, seq DESC) AS nth
    FROM jobs WHERE finished IS NOT NULL
    WINDOW oldest AS (ORDER BY finished, seq)
  )
  DELETE FROM jobs WHERE seq IN (
    SELECT seq FROM finished WHERE images > $1 AND nth > 1 AND before < ${MOST_IMAGES}
  )
  RETURNING seq`;
const THEIR_IMAGES = 'DELETE FROM images WHERE job = ANY ($1::bigint[])';
/** A process of a version that left this to a foreign key may still be there. */
const LEFT_IMAGES = 'DELETE FROM images WHERE job < (SELECT min(seq) FROM jobs)';

const OLD_LINKS = `
  DELETE FROM links WHERE position < (
    SELECT least(max(position) - $1::bigint + 1, min(position) + ${MOST_LINKS}) FROM links
  )`;

const OLD_KEYS = `
  DELETE FROM idempotency WHERE key IN (
    SELECT key FROM idempotency WHERE expires < clock_timestamp() LIMIT 1000
  )`;

/** Over this many keys, the oldest go. */
const MAX_KEYS = 100_000;
const SURPLUS_KEYS = `
  DELETE FROM idempotency WHERE expires < (
    SELECT expires FROM idempotency ORDER BY expires DESC OFFSET ${MAX_KEYS} LIMIT 1
  )`;

const OLD_ANSWERS = `
  DELETE FROM answers WHERE key IN (
    SELECT key FROM answers WHERE expires < clock_timestamp() LIMIT 1000
  )`;
const SURPLUS_ANSWERS = `
  DELETE FROM answers WHERE expires < (
    SELECT expires FROM answers ORDER BY expires DESC OFFSET ${MAX_KEYS} LIMIT 1
  )`;

/**
 * A credential that waits for nothing costs each claim a look. One that was ever paused is kept for a
 * day: processes know its pauses by their number.
 */
const IDLE = 'NOT EXISTS (SELECT FROM queue WHERE queue.gate = gates.gate)';
/** Locked first and judged again afterwards: a job may come for one until its row is locked. */
const LOCK_GATES = `
  SELECT gate FROM gates
  WHERE changed < clock_timestamp()
      - CASE WHEN round = 0 THEN interval '1 minute' ELSE interval '1 day' END
    AND coalesce(paused_until < clock_timestamp(), true)
    AND ${IDLE}
  LIMIT 1000 FOR UPDATE SKIP LOCKED`;
const OLD_GATES = `DELETE FROM gates WHERE gate = ANY ($1::text[]) AND ${IDLE}`;

/** Removes what is over the bounds; one process at a time, a part at a time. */
export async function sweep(database: Database, bounds: SweepBounds): Promise<void> {
  await database.transaction(async (query) => {
    const [lock] = await query<{ taken: boolean }>(
      'SELECT pg_try_advisory_xact_lock($1) AS taken',
      [LOCKS.sweep],
    );
    if (!lock?.taken) return;
    const jobs = await query<{ seq: string }>(OLD_JOBS, [bounds.maxFinishedImages]);
    if (jobs.length > 0) await query(THEIR_IMAGES, [jobs.map(({ seq }) => seq)]);
    await query(LEFT_IMAGES);
    await query(OLD_LINKS, [bounds.maxLinks]);
    await query(OLD_KEYS);
    await query(SURPLUS_KEYS);
    await query(OLD_ANSWERS);
    await query(SURPLUS_ANSWERS);
    const gates = await query<{ gate: string }>(LOCK_GATES);
    if (gates.length > 0) await query(OLD_GATES, [gates.map(({ gate }) => gate)]);
  });
}
