import type { Job } from './job';
import { JobRefused } from './job-refused';
import type { NewJob } from './job-store';

/**
 * A new job of the failed sources of a complete one, with the same credential.
 *
 * @throws {JobRefused} while the job is not complete, or if nothing failed.
 */
export function retryOf({ status, images, clientId }: Job): NewJob {
  if (status !== 'complete') {
    throw new JobRefused(
      'not_complete',
      `Expected a job that is complete, got one that is ${status}.`,
    );
  }
  const failed = images.filter((image) => image.status === 'failed');
  if (failed.length === 0) {
    throw new JobRefused('nothing_failed', 'Expected a job with failed images, got one without.');
  }
  return { urls: failed.map(({ url }) => url), clientId };
}
