import type { ImageRecord, Job, JobStatus } from '../jobs/job';

/** A job as the API shows it: sources as submitted, links as Imgur gave them, in their order. */
export interface JobView {
  readonly id: string;
  readonly created: string;
  readonly finished: string | null;
  readonly status: JobStatus;
  readonly uploaded: {
    readonly pending: string[];
    readonly complete: string[];
    readonly failed: string[];
  };
}

export function jobView(job: Job): JobView {
  const uploaded: JobView['uploaded'] = { pending: [], complete: [], failed: [] };
  for (const { status, url, link } of job.images) {
    if (status === 'failed') uploaded.failed.push(url);
    else if (status === 'complete') uploaded.complete.push(link ?? '');
    else uploaded.pending.push(url);
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
export function imagesView(job: Job): { images: ImageRecord[] } {
  return { images: job.images.map((image) => ({ ...image })) };
}

/** ISO 8601 with milliseconds and `Z`. */
function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
