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
  /** Of the claim that it was taken by. */
  readonly claims: number;
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
  /** Jobs that are over now, by their number. */
  readonly finished: Map<string, JobRow>;
}

/** All lock the jobs first, in one order: two that settle images of the same jobs cannot entangle. */
export const LOCK_JOBS = `
  SELECT seq FROM jobs WHERE seq = ANY ($1::bigint[]) ORDER BY seq FOR NO KEY UPDATE`;

/** $1 to $4 of what ended. It has rows only after its jobs are locked, so all that reads it waits for them. */
const RESULT = (more: string, columns: string): string => `
  locked AS MATERIALIZED (${LOCK_JOBS}
  ), result AS MATERIALIZED (
    SELECT * FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::int[], ${more})
      WITH ORDINALITY AS result (job, idx, duration_ms, counted, ${columns}, nth)
    WHERE (SELECT count(*) FROM locked) > 0
  )`;

/** What ended is counted at its job; the last one ends it. It needs the table `ended (job, complete, failed)`. */
export const COUNT_ENDED = `
  UPDATE jobs SET
    complete = jobs.complete + ended.complete,
    failed = jobs.failed + ended.failed,
    finished = CASE
      WHEN jobs.complete + jobs.failed + jobs.deleted + ended.complete + ended.failed = jobs.total
      THEN clock_timestamp()
    END
  FROM ended
  WHERE jobs.seq = ended.job
  RETURNING ${JOB_COLUMNS}`;

/**
 * All in one statement, as each one that is sent costs both sides more than what it does here.
 *
 * The first final result wins: whoever no longer finds the image in the queue is too late. The counter of
 * links is locked until the end, so that positions are given in the order of the commits.
 */
const END = `
  WITH ${RESULT(
    '$5::text[], $6::text[], $7::text[], $8::bigint[], $9::text[], $10::text[], $11::jsonb[]',
    'link, name, deletehash, bytes, type, source_type, error',
  )}, won AS (
    DELETE FROM queue USING result
    WHERE queue.job = result.job AND queue.idx = result.idx
    RETURNING result.*, queue.attempts AS attempts_before, queue.duration_ms AS ms_before
  ), written AS (
    UPDATE images SET
      link = won.link, deletehash = won.deletehash, bytes = won.bytes, type = won.type,
      source_type = won.source_type, error = won.error,
      attempts = won.attempts_before + won.counted,
      duration_ms = won.ms_before + won.duration_ms
    FROM won
    WHERE images.job = won.job AND images.idx = won.idx
    RETURNING images.job, images.idx, images.attempts, images.duration_ms
  ), ended AS (
    SELECT job, count(link)::int AS complete, (count(*) - count(link))::int AS failed
    FROM won GROUP BY job
  ), counted AS (${COUNT_ENDED}
  ), kept AS (
    SELECT job, idx, link, name, row_number() OVER (ORDER BY nth) AS nth
    FROM won WHERE link IS NOT NULL
  ), tally AS (
    UPDATE link_tally SET links = links + (SELECT count(*) FROM kept)
    WHERE EXISTS (SELECT FROM kept)
    RETURNING links - (SELECT count(*) FROM kept) AS first
  ), listed AS (
    INSERT INTO links (position, link, name, job, idx)
    SELECT tally.first + nth - 1, link, name, job, idx FROM tally, kept
  )
  SELECT written.*, over.* FROM written
  LEFT JOIN counted AS over ON over.seq = written.job AND over.finished IS NOT NULL`;

/**
 * Only the owner may give an image back, and only by the claim that it holds: another may be at it by
 * now, or the owner again, if this is written late or twice. Whoever tried it and lived shows that it
 * ends nobody.
 */
const GIVE_BACK = `
  WITH ${RESULT('$5::float8[], $6::int[]', 'after_ms, claims')}
  UPDATE queue SET
    state = CASE WHEN result.after_ms IS NULL THEN 0 ELSE 1 END,
    due = clock_timestamp() + result.after_ms * interval '1 millisecond',
    worker = NULL,
    attempts = queue.attempts + result.counted,
    duration_ms = queue.duration_ms + result.duration_ms,
    takeovers = CASE WHEN result.counted = 0 THEN queue.takeovers ELSE 0 END
  FROM result
  WHERE queue.job = result.job AND queue.idx = result.idx
    AND queue.state = 2 AND queue.worker = $7 AND queue.claims = result.claims
  RETURNING queue.job, queue.idx, queue.attempts, queue.duration_ms`;

/** Writes what came of many attempts, durably. An image may be in it once. */
export function settleImages(
  database: Database,
  worker: string,
  finals: readonly FinalResult[],
  givenBack: readonly GivenBack[],
): Promise<WrittenBatch> {
  const write = async (query: Query): Promise<WrittenBatch> => {
    const back = givenBack.length > 0 ? await giveBack(query, worker, givenBack) : [];
    const ended = finals.length > 0 ? await end(query, finals) : [];
    const finished = new Map<string, JobRow>();
    for (const row of ended) if (row.seq !== null) finished.set(row.seq, row);
    return { ended, givenBack: back, finished };
  };
  // A statement alone holds together by itself.
  if (finals.length === 0 || givenBack.length === 0) return write(database.query);
  return database.transaction(async (query) => {
    // Each of the two locks its jobs in order, but both together would not.
    const jobs = new Set([...givenBack, ...finals].map(({ job }) => job));
    await query(LOCK_JOBS, [[...jobs]]);
    return write(query);
  });
}

/** Tells images apart. */
export function keyOf({ job, idx }: { readonly job: string; readonly idx: number }): string {
  return `${job}/${idx}`;
}

/** An image, and its job if that is over now. */
type EndedRow = Written & (JobRow | { readonly seq: null });

function end(query: Query, finals: readonly FinalResult[]): Promise<EndedRow[]> {
  return query<EndedRow>(END, [
    ...common(finals),
    finals.map(({ link }) => link),
    finals.map(({ link }) => link && imageIdOf(link)),
    finals.map(({ deletehash }) => deletehash),
    finals.map(({ bytes }) => bytes),
    finals.map(({ mime }) => mime),
    finals.map(({ sourceMime }) => sourceMime),
    finals.map(({ error }) => (error === null ? null : JSON.stringify(error))),
  ]);
}

function giveBack(query: Query, worker: string, all: readonly GivenBack[]): Promise<Written[]> {
  return query<Written>(GIVE_BACK, [
    ...common(all),
    all.map(({ afterMs }) => afterMs),
    all.map(({ claims }) => claims),
    worker,
  ]);
}

function common(all: readonly Ended[]): unknown[] {
  return [
    all.map(({ job }) => job),
    all.map(({ idx }) => idx),
    all.map(({ durationMs }) => Math.round(durationMs)),
    all.map(({ counted }) => Number(counted)),
  ];
}
