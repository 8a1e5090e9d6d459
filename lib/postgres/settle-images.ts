import { imageIdOf } from '../jobs/image-id';
import type { ImageError } from '../jobs/job';
import type { Database, Query } from './database';
import { JOB_COLUMNS, type JobRow } from './read-jobs';

interface Ended {
  readonly job: string;
  readonly idx: number;
  readonly durationMs: number;
  /** Whether the attempt counts. */
  readonly counted: boolean;
}

/** An image that is complete or failed. */
export interface FinalResult extends Ended {
  readonly link: string | null;
  readonly deletehash: string | null;
  readonly bytes: number | null;
  readonly mime: string | null;
  readonly sourceMime: string | null;
  readonly error: ImageError | null;
}

/** What a failed image has of an upload. */
export const NOTHING = { link: null, deletehash: null, bytes: null, mime: null, sourceMime: null };

/** An image that goes back to the queue. */
export interface GivenBack extends Ended {
  readonly afterMs: number | null;
}

/** What was written of an image. */
export interface Written {
  readonly job: string;
  readonly idx: number;
  readonly attempts: number;
  readonly duration_ms: string;
}

export interface WrittenBatch {
  readonly ended: readonly Written[];
  readonly givenBack: readonly Written[];
  /** Jobs that are over now. */
  readonly finished: readonly JobRow[];
}

/** All lock the jobs first, in one order: two that settle images of the same jobs cannot entangle. */
export const LOCK_JOBS = `
  SELECT seq FROM jobs WHERE seq = ANY ($1::bigint[]) ORDER BY seq FOR NO KEY UPDATE`;

/** The first final result wins: who finds the image in the queue no more is too late. */
const END = `
  WITH result AS (
    SELECT * FROM unnest(
      $1::bigint[], $2::int[], $3::bigint[], $4::int[],
      $5::text[], $6::text[], $7::bigint[], $8::text[], $9::text[], $10::jsonb[]
    ) AS result (job, idx, duration_ms, counted, link, deletehash, bytes, type, source_type, error)
  ), gone AS (
    DELETE FROM queue USING result
    WHERE queue.job = result.job AND queue.idx = result.idx
    RETURNING queue.job, queue.idx, queue.attempts, queue.duration_ms
  )
  UPDATE images SET
    link = result.link, deletehash = result.deletehash, bytes = result.bytes, type = result.type,
    source_type = result.source_type, error = result.error,
    attempts = gone.attempts + result.counted,
    duration_ms = gone.duration_ms + result.duration_ms
  FROM gone JOIN result USING (job, idx)
  WHERE images.job = gone.job AND images.idx = gone.idx
  RETURNING images.job, images.idx, images.attempts, images.duration_ms`;

export const COUNT_ENDED = `
  UPDATE jobs SET
    complete = jobs.complete + ended.complete,
    failed = jobs.failed + ended.failed,
    finished = CASE
      WHEN jobs.complete + jobs.failed + jobs.deleted + ended.complete + ended.failed = jobs.total
      THEN clock_timestamp()
    END
  FROM unnest($1::bigint[], $2::int[], $3::int[]) AS ended (job, complete, failed)
  WHERE jobs.seq = ended.job
  RETURNING ${JOB_COLUMNS}`;

/** The counter is locked until the end, so that positions are given in the order of the commits. */
const COUNT_LINKS = `UPDATE link_tally SET links = links + $1 RETURNING links - $1 AS first`;
const KEEP_LINKS = `
  INSERT INTO links (position, link, name, job, idx)
  SELECT $1::bigint + nth - 1, link, name, job, idx
  FROM unnest($2::text[], $3::text[], $4::bigint[], $5::int[])
    WITH ORDINALITY AS kept (link, name, job, idx, nth)`;

/**
 * Only the owner may give an image back: another may be at it by now. Whoever tried it and lived shows
 * that it ends nobody.
 */
const GIVE_BACK = `
  UPDATE queue SET
    state = CASE WHEN result.after_ms IS NULL THEN 0 ELSE 1 END,
    due = clock_timestamp() + result.after_ms * interval '1 millisecond',
    worker = NULL,
    attempts = queue.attempts + result.counted,
    duration_ms = queue.duration_ms + result.duration_ms,
    takeovers = CASE WHEN result.counted = 0 THEN queue.takeovers ELSE 0 END
  FROM unnest($2::bigint[], $3::int[], $4::bigint[], $5::int[], $6::float8[])
    AS result (job, idx, duration_ms, counted, after_ms)
  WHERE queue.job = result.job AND queue.idx = result.idx
    AND queue.state = 2 AND queue.worker = $1
  RETURNING queue.job, queue.idx, queue.attempts, queue.duration_ms`;

/** Writes what came of many attempts, durably. An image may be in it once. */
export function settleImages(
  database: Database,
  worker: string,
  finals: readonly FinalResult[],
  givenBack: readonly GivenBack[],
): Promise<WrittenBatch> {
  return database.transaction(async (query) => {
    const jobs = new Set([...finals, ...givenBack].map(({ job }) => job));
    await query(LOCK_JOBS, [[...jobs]]);
    const back = givenBack.length > 0 ? await giveBack(query, worker, givenBack) : [];
    const ended = finals.length > 0 ? await end(query, finals) : [];
    if (ended.length === 0) return { ended, givenBack: back, finished: [] };
    const written = new Set(ended.map(keyOf));
    const won = finals.filter((result) => written.has(keyOf(result)));
    const finished = await countEnded(query, won);
    await keepLinks(query, won);
    return { ended, givenBack: back, finished };
  });
}

/** Tells images apart. */
export function keyOf({ job, idx }: { readonly job: string; readonly idx: number }): string {
  return `${job}/${idx}`;
}

function end(query: Query, finals: readonly FinalResult[]): Promise<Written[]> {
  return query<Written>(END, [
    ...common(finals),
    finals.map(({ link }) => link),
    finals.map(({ deletehash }) => deletehash),
    finals.map(({ bytes }) => bytes),
    finals.map(({ mime }) => mime),
    finals.map(({ sourceMime }) => sourceMime),
    finals.map(({ error }) => (error === null ? null : JSON.stringify(error))),
  ]);
}

function giveBack(query: Query, worker: string, all: readonly GivenBack[]): Promise<Written[]> {
  return query<Written>(GIVE_BACK, [worker, ...common(all), all.map(({ afterMs }) => afterMs)]);
}

function common(all: readonly Ended[]): unknown[] {
  return [
    all.map(({ job }) => job),
    all.map(({ idx }) => idx),
    all.map(({ durationMs }) => Math.round(durationMs)),
    all.map(({ counted }) => Number(counted)),
  ];
}

/** @returns the jobs that are over now. */
async function countEnded(query: Query, won: readonly FinalResult[]): Promise<JobRow[]> {
  const tally = new Map<string, { complete: number; failed: number }>();
  for (const { job, link } of won) {
    const counts = tally.get(job) ?? { complete: 0, failed: 0 };
    tally.set(job, counts);
    counts[link === null ? 'failed' : 'complete'] += 1;
  }
  const counts = [...tally.values()];
  const rows = await query<JobRow>(COUNT_ENDED, [
    [...tally.keys()],
    counts.map(({ complete }) => complete),
    counts.map(({ failed }) => failed),
  ]);
  return rows.filter(({ finished }) => finished !== null);
}

async function keepLinks(query: Query, won: readonly FinalResult[]): Promise<void> {
  const kept = won.flatMap(({ link, job, idx }) => (link === null ? [] : { link, job, idx }));
  if (kept.length === 0) return;
  const [counted] = await query<{ first: string }>(COUNT_LINKS, [kept.length]);
  await query(KEEP_LINKS, [
    counted?.first,
    kept.map(({ link }) => link),
    kept.map(({ link }) => imageIdOf(link)),
    kept.map(({ job }) => job),
    kept.map(({ idx }) => idx),
  ]);
}
