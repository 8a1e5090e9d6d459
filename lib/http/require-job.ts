import type { Job } from '../jobs/job';
import type { ApiRequest } from './api-function';
import { HttpProblem } from './http-problem';

/**
 * The job that the path names.
 *
 * @throws {HttpProblem} 404 for a job that the store does not know, or does not know any more.
 */
export async function requireJob({ app, param }: ApiRequest): Promise<Job> {
  const job = await app.store.get(param('jobId'));
  if (!job) {
    throw new HttpProblem(404, 'There is no job of this id, or it is not kept any more.');
  }
  return job;
}
