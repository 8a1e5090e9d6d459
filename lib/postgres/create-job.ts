import { randomUUID } from 'node:crypto';
import { keyReused, queueFull } from '../jobs/job-refused';
import type { Created, IdempotencyKey, NewJob } from '../jobs/job-store';
import { hostOf } from '../jobs/host-of';
import { CHANNELS } from './channels';
import type { Database, Query } from './database';
import { LOCKS } from './locks';

/** How full the queue is, as a share, when jobs are made one at a time so that the bound is exact. */
const NEARLY_FULL = 0.9;
/** How long a key is remembered. */
const KEY_TTL = '24 hours';

const WAITING = `
  SELECT (
    (SELECT coalesce(sum(total - complete - failed - deleted), 0) FROM jobs WHERE finished IS NULL) -
    (SELECT count(*) FROM queue WHERE state = 2)
  )::int AS waiting`;

/** A key whose job is gone, or which is too old, is free again. */
const KEEP_KEY = `
  INSERT INTO idempotency AS known (key, fingerprint, job, expires)
  VALUES ($1, $2, $3, clock_timestamp() + interval '${KEY_TTL}')
  ON CONFLICT (key) DO UPDATE
    SET fingerprint = excluded.fingerprint, job = excluded.job, expires = excluded.expires
    WHERE known.expires < clock_timestamp()
      OR NOT EXISTS (SELECT FROM jobs WHERE jobs.id = known.job)
  RETURNING job`;

const FIND_KEY = `
  SELECT fingerprint, job FROM idempotency
  WHERE key = $1 AND expires >= clock_timestamp()
    AND EXISTS (SELECT FROM jobs WHERE jobs.id = idempotency.job)`;

/** The new job's images take turns with those of the jobs that its credential is amid. */
const KEEP_IMAGES = `
  WITH job AS (
    INSERT INTO jobs (id, client_id, gate, total)
    VALUES ($1, $2, $3, cardinality($5::text[]))
    RETURNING seq
  ), source AS (
    SELECT job.seq, url, host, nth - 1 AS idx
    FROM job, unnest($5::text[], $6::text[]) WITH ORDINALITY AS source (url, host, nth)
  ), kept AS (
    INSERT INTO images (job, idx, url) SELECT seq, idx, url FROM source
  )
  INSERT INTO queue (job, idx, turn, gate, host)
  SELECT seq, idx, $4::bigint + idx, $3, host FROM source`;

/** @param gate names the credential of its uploads. @see JobStore.create */
export function createJob(
  database: Database,
  { urls, clientId }: NewJob,
  gate: string,
  maxQueuedImages: number,
  once?: IdempotencyKey,
): Promise<Created> {
  return database.transaction(async (query) => {
    const jobId = randomUUID();
    if (once) {
      const { key, fingerprint } = once;
      // A statement sees what was there when it began: one with the same key is waited for before.
      await query('SELECT pg_advisory_xact_lock(hashtextextended($1, $2))', [key, LOCKS.create]);
      const [kept] = await query(KEEP_KEY, [key, fingerprint, jobId]);
      const known = kept ? undefined : await findKey(query, once);
      if (known !== undefined) return { jobId: known, repeated: true };
      if (!kept) throw new Error('Expected the job of a known key, found none');
    }
    await requireRoom(query, urls.length, maxQueuedImages);
    const turn = await turnOf(query, gate);
    const hosts = urls.map(hostOf);
    await query(KEEP_IMAGES, [jobId, clientId, gate, turn, urls, hosts]);
    await query('SELECT pg_notify($1, $2)', [CHANNELS.work, '']);
    return { jobId, repeated: false };
  });
}

/** @throws {JobRefused} `key_reused` */
export async function findKey(
  query: Query,
  { key, fingerprint }: IdempotencyKey,
): Promise<string | undefined> {
  const [known] = await query<{ fingerprint: string; job: string }>(FIND_KEY, [key]);
  if (known && known.fingerprint !== fingerprint) throw keyReused();
  return known?.job;
}

/** @throws {JobRefused} `queue_full` */
async function requireRoom(query: Query, images: number, most: number): Promise<void> {
  let waiting = await count(query);
  if (waiting + images > NEARLY_FULL * most) {
    // What was counted before the lock may have changed while it was waited for.
    await query('SELECT pg_advisory_xact_lock($1)', [LOCKS.create]);
    waiting = await count(query);
  }
  if (waiting + images > most) throw queueFull(waiting, images);
}

async function count(query: Query): Promise<number> {
  const [row] = await query<{ waiting: number }>(WAITING);
  return row?.waiting ?? 0;
}

/** Where the credential is; it cannot be removed until the job is there. */
async function turnOf(query: Query, gate: string): Promise<string> {
  for (;;) {
    await query('INSERT INTO gates (gate) VALUES ($1) ON CONFLICT DO NOTHING', [gate]);
    const [row] = await query<{ turn: string }>(
      'SELECT turn FROM gates WHERE gate = $1 FOR KEY SHARE',
      [gate],
    );
    if (row) return row.turn;
  }
}
