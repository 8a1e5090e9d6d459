import { describeCause } from '../cause';
import type { RelayError } from '../errors';
import type { Logger } from '../logger';
import { maskUrl } from '../net/mask-url';
import type { ActiveJob } from './active-job';
import type { ImageError, ImageEvent } from './job';
import type { JobObserver } from './job-observer';
import type { JobStore } from './job-store';

/**
 * Writes the last event of an image: `complete`, or `fail` together with the error that it comes
 * from.
 *
 * @param marks more for its line in the log.
 */
export type SettleImage = (
  job: ActiveJob,
  index: number,
  event: ImageEvent,
  error: RelayError | null,
  marks?: object,
) => Promise<void>;

/** Keeps the end of each image, logs it, and tells of each image that it is settled. */
export function createSettleImage(parts: {
  readonly store: JobStore;
  readonly log: Logger;
  readonly observer?: JobObserver | undefined;
  /** Called last, for each image. */
  readonly settled: (job: ActiveJob) => void;
}): SettleImage {
  const { store, log, observer, settled } = parts;

  return async function settle(
    job: ActiveJob,
    index: number,
    event: ImageEvent,
    error: RelayError | null,
    marks: object = {},
  ): Promise<void> {
    const { image, job: summary } = await store.update(job.id, index, event);
    observer?.imageEnded(image);
    const { attempts: attempt, durationMs } = image;
    const jobId = job.id;
    if (error) {
      const { code, message, cause } = error;
      const fields = { jobId, url: maskUrl(image.url), code, attempt, durationMs, ...marks };
      if (code === 'internal') log.error({ ...fields, error: cause }, message);
      else log.warn({ ...fields, cause: describeCause(cause) }, message);
    } else if (log.isLevelEnabled('info')) {
      // The record of where a picture went that survives a restart of this process.
      const { url, link, bytes, type } = image;
      const fields = { jobId, url: maskUrl(url), link, bytes, type, attempt, durationMs };
      log.info(fields, 'image complete');
    }
    if (summary.status === 'complete') {
      const { complete, failed } = summary.counts;
      const ms = (summary.finished ?? summary.created) - summary.created;
      log.info({ jobId, complete, failed, durationMs: ms }, 'job complete');
      observer?.jobEnded(summary);
    }
    settled(job);
  };
}

/** The event of an image that failed with this error. */
export function failure(error: RelayError, durationMs: number): ImageEvent {
  const { code, message, retryable } = error;
  const described: ImageError = { code, message, retryable };
  return { type: 'fail', error: described, durationMs };
}
