import { HttpProblem } from '../errors';
import type { Logger } from '../logger';
import type { AsyncInvoker, InvocableFunction } from './invoke-async';
import { isQueueFull, type JobStore, type NewJob } from './job-store';

/** About how long a full queue takes to have room again, in seconds. */
const RETRY_AFTER_S = 10;

export interface SubmissionParts {
  readonly store: JobStore;
  readonly log: Logger;
  readonly invoker: AsyncInvoker;
  readonly draining: boolean;
  readonly metrics?: { jobAccepted(images: number): void };
}

/** The handler of the function that processes a job. */
export type ProcessUpload = InvocableFunction<{ jobId: string }>['handler'];

/**
 * Accepts a job and starts its processing without waiting for it: from here on each of its images
 * ends as complete or failed.
 *
 * @returns the job's id.
 * @throws {HttpProblem} 503 when the queue is full or the service is stopping.
 */
export async function submitUpload(
  parts: SubmissionParts,
  job: NewJob,
  process: ProcessUpload,
): Promise<string> {
  if (parts.draining) throw unavailable('The service is stopping and takes no new jobs.');
  const jobId = await create(parts, job);
  await parts.invoker.invoke({ name: 'process-upload', handler: process }, { jobId });
  return jobId;
}

async function create({ store, log, metrics }: SubmissionParts, job: NewJob): Promise<string> {
  try {
    const { id: jobId } = await store.create(job);
    log.info({ jobId, images: job.urls.length }, 'job accepted');
    metrics?.jobAccepted(job.urls.length);
    return jobId;
  } catch (error) {
    if (isQueueFull(error)) throw unavailable(`The queue is full: ${error.message}.`);
    throw error;
  }
}

function unavailable(detail: string): HttpProblem {
  return new HttpProblem(503, detail, { headers: { 'retry-after': String(RETRY_AFTER_S) } });
}
