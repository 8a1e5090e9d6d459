import { CANCELLED, failure } from '../jobs/endings';
import { newImage } from '../jobs/job';
import type { Settled } from '../jobs/work-queue';
import { CHANNELS } from './channels';
import type { Database } from './database';
import { JOB_COLUMNS, summaryOf, UUID, type JobRow } from './read-jobs';
import { COUNT_ENDED } from './settle-images';

const LOCK = `SELECT ${JOB_COLUMNS} FROM jobs WHERE id = $1 AND finished IS NULL FOR NO KEY UPDATE`;

/** What was under way counts as tried. */
const END_ALL = `
  WITH gone AS (
    DELETE FROM queue WHERE job = $1 RETURNING job, idx, state, attempts, duration_ms
  )
  UPDATE images SET
    error = $2, attempts = gone.attempts + (gone.state = 2)::int, duration_ms = gone.duration_ms
  FROM gone
  WHERE images.job = gone.job AND images.idx = gone.idx
  RETURNING images.idx, images.url, images.attempts, images.duration_ms`;

const COUNT_FAILED = `
  WITH ended (job, complete, failed) AS (VALUES ($1::bigint, 0, $2::int)) ${COUNT_ENDED}`;

interface Cancelled {
  idx: number;
  url: string;
  attempts: number;
  duration_ms: string;
}

/** @see JobStore.cancel */
export async function cancelJob(database: Database, jobId: string): Promise<Settled[]> {
  if (!UUID.test(jobId)) return [];
  const { error } = failure(CANCELLED, 0);
  return database.transaction(async (query) => {
    const [job] = await query<JobRow>(LOCK, [jobId]);
    if (!job) return [];
    const rows = await query<Cancelled>(END_ALL, [job.seq, JSON.stringify(error)]);
    rows.sort((a, b) => a.idx - b.idx);
    const [over] = await query<JobRow>(COUNT_FAILED, [job.seq, rows.length]);
    await query('SELECT pg_notify($1, $2)', [CHANNELS.cancel, jobId]);
    return rows.map(({ url, attempts, duration_ms: ms }, index) => ({
      jobId,
      image: {
        ...newImage(url),
        ...{ status: 'failed' as const, error, attempts, durationMs: Number(ms) },
      },
      finished: over && index === rows.length - 1 ? summaryOf(over, 0) : null,
    }));
  });
}
