import { HttpProblem } from '../errors';
import type { Job } from './job';
import { submitUpload, type ProcessUpload, type SubmissionParts } from './submit-upload';

/**
 * Submits the failed sources of a job again, with the same credential.
 *
 * @returns the id of the new job.
 * @throws {HttpProblem} 409 while the job is not complete, or if nothing failed.
 */
export async function retryFailed(
  parts: SubmissionParts,
  job: Job,
  process: ProcessUpload,
): Promise<string> {
  if (job.status !== 'complete') {
    throw new HttpProblem(409, `Expected a job that is complete, got one that is ${job.status}.`);
  }
  const failed = job.images.filter(({ status }) => status === 'failed');
  if (failed.length === 0) {
    throw new HttpProblem(409, 'Expected a job with failed images, got one without.');
  }
  const urls = failed.map(({ url }) => url);
  return submitUpload(parts, { urls, clientId: job.clientId }, process);
}
