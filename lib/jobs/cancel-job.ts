import { CANCELLED } from './endings';
import type { JobLog } from './job-log';
import type { JobStore } from './job-store';

/** Ends a job, and tells the log of each image that was not done. */
export async function cancelJob(
  { store, jobLog }: { readonly store: JobStore; readonly jobLog: JobLog },
  jobId: string,
): Promise<void> {
  await jobLog.imagesEnded(await store.cancel(jobId), CANCELLED);
}
