import type { Logger } from '../logger';
import type { AsyncInvoker, InvocableFunction } from './invoke-async';
import { stopping } from './job-refused';
import type { IdempotencyKey, JobStore, NewJob } from './job-store';

export interface SubmissionParts {
  readonly store: JobStore;
  readonly log: Logger;
  readonly invoker: AsyncInvoker;
  readonly draining: boolean;
  readonly metrics?: { jobAccepted(images: number): void };
}

/** The handler of the function that processes jobs. */
export type ProcessUpload = InvocableFunction<{ jobId: string }>['handler'];

/**
 * Accepts a job and starts its processing without waiting for it: from here on each of its images
 * ends as complete or failed.
 *
 * @param newJob what is asked for; not called for a key that came before.
 * @returns the job's id.
 * @throws {JobRefused} when the queue is full or the service is stopping, or for a key that came with
 *   another request; and what `newJob` throws.
 */
export async function submitUpload(
  parts: SubmissionParts,
  process: ProcessUpload,
  newJob: () => NewJob | Promise<NewJob>,
  once?: IdempotencyKey,
): Promise<string> {
  const { store, log, invoker, metrics } = parts;
  const known = once && (await store.madeWith(once));
  if (known !== undefined) return known;
  if (parts.draining) throw stopping();
  const job = await newJob();
  const { jobId, repeated } = await store.create(job, once);
  if (repeated) return jobId;
  log.info({ jobId, images: job.urls.length }, 'job accepted');
  metrics?.jobAccepted(job.urls.length);
  await invoker.invoke({ name: 'process-upload', handler: process }, { jobId });
  return jobId;
}
