import { HttpProblem } from '../errors';
import type { Logger } from '../logger';
import type { JobSummary } from './job';
import { isQueueFull, type JobStore, type NewJob } from './job-store';

/** About how long a full queue takes to have room again, in seconds. */
const RETRY_AFTER_S = 10;

export interface SubmissionParts {
  readonly store: JobStore;
  readonly log: Logger;
  readonly draining: boolean;
}

/**
 * Accepts a job: from here on each of its images ends as complete or failed.
 *
 * @throws {HttpProblem} 503 when the queue is full or the service is stopping.
 */
export async function submitUpload(parts: SubmissionParts, job: NewJob): Promise<JobSummary> {
  if (parts.draining) throw unavailable('The service is stopping and takes no new jobs.');
  try {
    const created = await parts.store.create(job);
    parts.log.info({ jobId: created.id, images: job.urls.length }, 'job accepted');
    return created;
  } catch (error) {
    if (isQueueFull(error)) throw unavailable(`The queue is full: ${error.message}.`);
    throw error;
  }
}

function unavailable(detail: string): HttpProblem {
  return new HttpProblem(503, detail, { headers: { 'retry-after': String(RETRY_AFTER_S) } });
}
