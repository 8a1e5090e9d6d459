import {
  jobStatus,
  type ImageCounts,
  type ImageError,
  type ImageRecord,
  type Job,
  type JobSummary,
} from '../jobs/job';
import type { Links } from '../jobs/job-store';
import type { Database } from './database';

/** A job as the statements below give it; times in milliseconds since 1970. */
export interface JobRow {
  seq: string;
  id: string;
  created: number;
  finished: number | null;
  client_id: string | null;
  started: boolean;
  total: number;
  complete: number;
  failed: number;
}

/** What stands for a job in a list of columns. */
export const JOB_COLUMNS = `
  jobs.seq, jobs.id, jobs.client_id, jobs.started, jobs.total, jobs.complete, jobs.failed,
  round(extract(epoch FROM jobs.created) * 1000)::float8 AS created,
  round(extract(epoch FROM jobs.finished) * 1000)::float8 AS finished`;

/** What is no UUID names no job, and would be an error to the database. */
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

interface ImageRow {
  url: string;
  link: string | null;
  error: ImageError | null;
  attempts: number;
  bytes: string | null;
  type: string | null;
  source_type: string | null;
  duration_ms: string | null;
  state: number | null;
}

/** What ended is said by the image, what has not by its place in the queue. */
const IMAGES = `
  SELECT i.url, i.link, i.error, i.bytes, i.type, i.source_type, q.state,
    coalesce(i.attempts, q.attempts + (q.state = 2)::int, 0) AS attempts,
    coalesce(i.duration_ms, nullif(q.duration_ms, 0)) AS duration_ms
  FROM images i LEFT JOIN queue q ON q.job = i.job AND q.idx = i.idx
  WHERE i.job = $1
  ORDER BY i.idx`;

export async function readJob(database: Database, jobId: string): Promise<Job | undefined> {
  if (!UUID.test(jobId)) return undefined;
  const read = await database.transaction(async (query) => {
    // The job and its images as they were at one moment.
    await query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const [job] = await query<JobRow>(`SELECT ${JOB_COLUMNS} FROM jobs WHERE id = $1`, [jobId]);
    return job && { job, images: await query<ImageRow>(IMAGES, [job.seq]) };
  });
  if (!read) return undefined;
  const inProgress = read.images.filter(({ state }) => state === 2).length;
  return {
    ...summaryOf(read.job, inProgress),
    clientId: read.job.client_id,
    images: read.images.map(imageOf),
  };
}

const NEWEST = `
  SELECT ${JOB_COLUMNS}, coalesce(running.images, 0)::int AS running
  FROM (SELECT * FROM jobs ORDER BY seq DESC LIMIT $1) AS jobs
  LEFT JOIN (
    SELECT job, count(*) AS images FROM queue WHERE state = 2 GROUP BY job
  ) AS running ON running.job = jobs.seq
  ORDER BY jobs.seq DESC`;

export async function readJobs(database: Database, limit: number): Promise<JobSummary[]> {
  const rows = await database.query<JobRow & { running: number }>(NEWEST, [limit]);
  return rows.map((row) => summaryOf(row, row.running));
}

/** @param inProgress how many of its images are under way. */
export function summaryOf(row: JobRow, inProgress: number): JobSummary {
  const { id, created, finished, started, total, complete, failed } = row;
  const pending = total - complete - failed - inProgress;
  const counts = { pending, inProgress, complete, failed };
  const hasStarted = started || complete + failed + inProgress > 0;
  return { id, created, finished, status: jobStatus(counts, hasStarted), counts };
}

function imageOf(row: ImageRow): ImageRecord {
  const {
    url,
    link,
    error,
    attempts,
    bytes,
    type,
    source_type: sourceType,
    duration_ms: ms,
    state,
  } = row;
  const ended = link === null ? 'failed' : 'complete';
  return {
    url,
    status: state === null ? ended : state === 2 ? 'in-progress' : 'pending',
    ...{ link, error, attempts, type, sourceType },
    bytes: bytes === null ? null : Number(bytes),
    durationMs: ms === null ? null : Number(ms),
  };
}

const COUNTS = `
  SELECT
    (SELECT count(*) FROM queue WHERE state <> 2)::int AS pending,
    (SELECT count(*) FROM queue WHERE state = 2)::int AS "inProgress",
    coalesce(sum(complete), 0)::int AS complete,
    coalesce(sum(failed), 0)::int AS failed
  FROM jobs`;

export async function readCounts(database: Database): Promise<ImageCounts> {
  const [counts] = await database.query<ImageCounts & Record<string, number>>(COUNTS);
  return counts ?? { pending: 0, inProgress: 0, complete: 0, failed: 0 };
}

const LINKS = `
  SELECT
    coalesce((SELECT min(position) FROM links), (SELECT links FROM link_tally))::float8 AS oldest,
    ARRAY(
      SELECT link FROM links WHERE position >= $1 ORDER BY position LIMIT $2
    ) AS links`;

/** @see JobStore.linksFrom */
export async function readLinks(
  database: Database,
  position: number,
  most: number,
): Promise<Links> {
  const [found] = await database.query<{ oldest: number; links: string[] }>(LINKS, [
    position,
    most,
  ]);
  return found ?? { oldest: 0, links: [] };
}
