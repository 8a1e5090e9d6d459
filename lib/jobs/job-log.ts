import { setImmediate as nextTurn } from 'node:timers/promises';
import { describeCause } from '../cause';
import type { RelayError } from '../errors';
import type { Logger } from '../logger';
import { maskUrl } from '../net/mask-url';
import { BATCH } from './batch';
import type { JobObserver } from './job-observer';
import type { Outcome } from './relay';
import type { Claim, Settled } from './work-queue';

/** In the line of an image that Imgur may have all the same. */
const DOUBT = { possibleDuplicate: true };

type Failed = Extract<Outcome, { kind: 'failed' }>;

/** Writes into the log what became of each image and job, and tells whoever counts them. */
export interface JobLog {
  /** An image was tried, and will be again. */
  willRetry(claim: Claim, failed: Failed, durationMs: number, retryInMs: number): void;
  /**
   * An image is complete or failed.
   *
   * @param error what it failed with, if it did: the record of an image has only its public part.
   * @param mayBeThere whether Imgur may have it all the same.
   */
  imageEnded(settled: Settled, error: RelayError | null, mayBeThere?: boolean): void;
  /** The same of many that ended together. */
  imagesEnded(all: readonly Settled[], error: RelayError): Promise<void>;
  /** An attempt has ended after its image had: Imgur may have a picture that no job shows. */
  endedTooLate(claim: Claim, outcome: Outcome): void;
}

export function createJobLog(log: Logger, observer?: JobObserver): JobLog {
  return { willRetry, imageEnded, imagesEnded, endedTooLate };

  function willRetry(claim: Claim, failed: Failed, durationMs: number, retryInMs: number): void {
    const { jobId, attempt } = claim;
    const { code, message, cause } = failed.error;
    const fields = { jobId, url: maskUrl(claim.url), code, attempt, durationMs, retryInMs };
    const marks = failed.possibleDuplicate ? DOUBT : {};
    log.info({ ...fields, ...marks, cause: describeCause(cause) }, message);
    observer?.attemptFailed(code);
  }

  function imageEnded(
    { jobId, image, finished }: Settled,
    error: RelayError | null,
    mayBeThere = false,
  ): void {
    observer?.imageEnded(image);
    const { attempts: attempt, durationMs } = image;
    if (error) {
      const { code, message, cause } = error;
      const marks = mayBeThere ? DOUBT : {};
      const fields = { jobId, url: maskUrl(image.url), code, attempt, durationMs, ...marks };
      if (code === 'internal') log.error({ ...fields, error: cause }, message);
      else log.warn({ ...fields, cause: describeCause(cause) }, message);
    } else if (log.isLevelEnabled('info')) {
      // The record of where a picture went that survives a restart of this process.
      const { url, link, bytes, type, sourceType } = image;
      const from = sourceType === type ? {} : { sourceType };
      const fields = { jobId, url: maskUrl(url), link, bytes, type, ...from, attempt, durationMs };
      log.info(fields, 'image complete');
    }
    if (!finished) return;
    const { complete, failed } = finished.counts;
    const ms = (finished.finished ?? finished.created) - finished.created;
    log.info({ jobId, complete, failed, durationMs: ms }, 'job complete');
    observer?.jobEnded(finished);
  }

  async function imagesEnded(all: readonly Settled[], error: RelayError): Promise<void> {
    for (const [index, settled] of all.entries()) {
      imageEnded(settled, error);
      if (index % BATCH === BATCH - 1) await nextTurn();
    }
  }

  function endedTooLate({ jobId, url }: Claim, outcome: Outcome): void {
    const fields = { jobId, url: maskUrl(url) };
    if (outcome.kind === 'uploaded') {
      const { link, deletehash } = outcome;
      log.warn({ ...fields, link, deletehash }, 'Imgur took an image that had ended before.');
    } else if (outcome.kind === 'failed' && outcome.possibleDuplicate) {
      const { code, message } = outcome.error;
      log.warn({ ...fields, code, ...DOUBT }, message);
    }
  }
}
