import middy from '@middy/core';
import { getApp } from '../lib/app-anchor';

/** On Lambda a schedule starts it as well, with an event of its own. */
interface Started {
  readonly jobId?: string;
}

/**
 * Works on a job that was submitted, and on all others that wait, until nothing is left; at once if
 * another run does so. On Lambda it works for as long as its time allows, beside `MAX_WORKERS` at
 * most. It has no HTTP event: only the async invocation helper and the schedule start it.
 */
export const handler = middy<Started, Started>({ timeoutEarlyInMillis: 0 })
  .onError(async ({ event, error }) => {
    // Thrown on, so that the invocation counts as failed; the job's own failures never come here.
    (await getApp()).log.error({ jobId: event.jobId, error }, 'job not processed');
  })
  .handler(async ({ jobId }, context) => {
    const { worker } = await getApp();
    await worker.run(() => context.getRemainingTimeInMillis());
    return jobId === undefined ? {} : { jobId };
  });
