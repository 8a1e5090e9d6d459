import middy from '@middy/core';
import { getApp } from '../lib/app-anchor';

/**
 * Works on a job that was submitted, and on all others that wait, until nothing is left; at once if
 * another run does so. It has no HTTP event: only the async invocation helper starts it.
 */
export const handler = middy<{ jobId: string }, { jobId: string }>({ timeoutEarlyInMillis: 0 })
  .onError(async ({ event, error }) => {
    // Thrown on, so that the invocation counts as failed; the job's own failures never come here.
    (await getApp()).log.error({ jobId: event.jobId, error }, 'job not processed');
  })
  .handler(async ({ jobId }) => {
    const { worker } = await getApp();
    await worker.run();
    return { jobId };
  });
