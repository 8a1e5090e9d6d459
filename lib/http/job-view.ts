import { unfinished, type Job, type JobSummary } from '../jobs/job';
import type { ImagesView, JobListView, JobView } from './schemas';

/** A job as the API shows it: sources as submitted, links as Imgur gave them, in their order. */
export function jobView(job: Job): JobView {
  const uploaded: JobView['uploaded'] = { pending: [], complete: [], failed: [] };
  for (const { status, url, link } of job.images) {
    if (status === 'failed') uploaded.failed.push(url);
    else if (status === 'complete') uploaded.complete.push(link ?? '');
    else if (status !== 'deleted') uploaded.pending.push(url);
  }
  return {
    id: job.id,
    created: isoTime(job.created),
    finished: job.finished === null ? null : isoTime(job.finished),
    status: job.status,
    uploaded,
  };
}

/** The images of a job with all that is known of each. */
export function imagesView(job: Job): ImagesView {
  return { images: job.images.map((image) => ({ ...image })) };
}

/** Jobs as a list shows them: as in the view of one job, `pending` is all that is unfinished. */
export function jobListView(jobs: readonly JobSummary[]): JobListView {
  return {
    jobs: jobs.map(({ id, created, finished, status, counts }) => ({
      id,
      created: isoTime(created),
      finished: finished === null ? null : isoTime(finished),
      status,
      pending: unfinished(counts),
      complete: counts.complete,
      failed: counts.failed,
    })),
  };
}

/** ISO 8601 with milliseconds and `Z`. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
