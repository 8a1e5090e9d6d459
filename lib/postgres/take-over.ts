import { ENDS_ITS_WORKERS, failure } from '../jobs/endings';
import { newImage } from '../jobs/job';
import type { Settled } from '../jobs/work-queue';
import type { Database } from './database';
import { summaryOf } from './read-jobs';
import { keyOf, NOTHING, settleImages, type Written } from './settle-images';

/** A worker that was silent for so long loses its images to the others. */
export const LEASE_MS = 5000;
/** An image that so many workers in a row fell silent with is what ends them. */
export const MOST_TAKEOVERS = 3;

/**
 * One lease that ran out says nothing about an image, so it is no attempt and the image goes on at
 * once. The next time it waits for a while of its own, so that it is under way apart from those that
 * it was under way with: only one of them ends its worker. What is given up waits as well, in case
 * this process ends before that is written.
 */
const TAKE_OVER = `
  UPDATE queue SET
    worker = NULL,
    takeovers = takeovers + 1,
    state = CASE WHEN takeovers = 0 THEN 0 ELSE 1 END,
    due = CASE
      WHEN takeovers = 0 THEN NULL
      WHEN takeovers + 1 < ${MOST_TAKEOVERS} THEN clock_timestamp() + random() * interval '3 seconds'
      ELSE clock_timestamp() + interval '1 minute'
    END
  FROM (
    SELECT job, idx FROM queue
    WHERE state = 2 AND NOT EXISTS (
      SELECT FROM workers
      WHERE workers.id = queue.worker
        AND workers.seen > clock_timestamp() - interval '${LEASE_MS} milliseconds'
    )
    FOR UPDATE SKIP LOCKED
  ) AS left_behind
  WHERE queue.job = left_behind.job AND queue.idx = left_behind.idx
  RETURNING queue.job, queue.idx, queue.takeovers`;

const NAMES = `
  SELECT images.job, images.idx, images.url, jobs.id AS "jobId"
  FROM unnest($1::bigint[], $2::int[]) AS given_up (job, idx)
    JOIN images USING (job, idx) JOIN jobs ON jobs.seq = images.job`;

interface TakenOver {
  /** How many images wait again. */
  readonly waiting: number;
  /** Those that are not tried any more. */
  readonly givenUp: readonly Settled[];
}

/** Takes over from workers that are silent. @param worker who does it. */
export async function takeOver(database: Database, worker: string): Promise<TakenOver> {
  const taken = await database.query<{ job: string; idx: number; takeovers: number }>(TAKE_OVER);
  const lost = taken.filter(({ takeovers }) => takeovers >= MOST_TAKEOVERS);
  const givenUp = lost.length > 0 ? await giveUp(database, worker, lost) : [];
  return { waiting: taken.length - lost.length, givenUp };
}

async function giveUp(
  database: Database,
  worker: string,
  lost: readonly { readonly job: string; readonly idx: number }[],
): Promise<Settled[]> {
  const { error } = failure(ENDS_ITS_WORKERS, 0);
  const names = await database.query<{ job: string; idx: number; url: string; jobId: string }>(
    NAMES,
    [lost.map(({ job }) => job), lost.map(({ idx }) => idx)],
  );
  const { ended, finished } = await settleImages(
    database,
    worker,
    lost.map(({ job, idx }) => ({ job, idx, durationMs: 0, counted: true, error, ...NOTHING })),
    [],
  );
  const written = new Map<string, Written>(ended.map((each) => [keyOf(each), each]));
  // The last one of its job tells that the job is over.
  return names.reverse().flatMap(({ job, idx, url, jobId }) => {
    const found = written.get(keyOf({ job, idx }));
    if (!found) return [];
    const end = finished.get(job);
    finished.delete(job);
    const { attempts, duration_ms: ms } = found;
    const image = {
      ...newImage(url),
      ...{ status: 'failed' as const, error, attempts, durationMs: Number(ms) },
    };
    return { jobId, image, finished: end ? summaryOf(end, 0) : null };
  });
}
