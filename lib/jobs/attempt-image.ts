import { describeCause } from '../cause';
import type { RelayError } from '../errors';
import type { Logger } from '../logger';
import { maskUrl } from '../net/mask-url';
import { urlOf, type ActiveJob } from './active-job';
import { ImageUnderWay, type Desk } from './image-under-way';
import type { JobObserver } from './job-observer';
import type { JobStore } from './job-store';
import type { Outcome, Relay } from './relay';
import { retryDelayMs, type RetryLimits } from './retry-policy';
import { failure, type SettleImage } from './settle-image';
import type { Turn } from './turn';

export interface AttemptParts {
  readonly store: JobStore;
  readonly relay: Relay;
  readonly log: Logger;
  readonly limits: RetryLimits;
  readonly desk: Desk;
  readonly settle: SettleImage;
  /** Why a job's images are not to be tried any more; null as long as they are. */
  readonly endingOf: (job: ActiveJob) => RelayError | null;
  /** The store does not take what became of an image. */
  readonly stateLost: (turn: Turn<ActiveJob>, error: unknown) => void;
  readonly observer?: JobObserver | undefined;
  readonly random?: (() => number) | undefined;
}

/**
 * Has one image relayed, once, and sees to what becomes of it: settled, put back to where it waited,
 * or tried again after a while. The gate of its credential has been entered.
 */
export function createAttempt(parts: AttemptParts): (turn: Turn<ActiveJob>) => Promise<void> {
  const { store, relay, log, limits, desk, settle, endingOf, stateLost, observer, random } = parts;
  const { queue } = desk;

  return async function attempt(turn) {
    const { job, index } = turn;
    const underWay = new ImageUnderWay(desk, turn);
    const startedAt = performance.now();
    try {
      const { image } = await store.update(job.id, index, { type: 'start' });
      observer?.attemptStarted();
      const input = { url: image.url, clientId: job.clientId };
      const outcome = await relay(input, underWay.cancellation, underWay);
      const durationMs = performance.now() - startedAt;
      if (outcome.kind === 'uploaded') {
        const { link, bytes, type: mime } = outcome;
        await settle(job, index, { type: 'complete', link, bytes, mime, durationMs }, null);
        underWay.end('success');
      } else {
        await notUploaded(underWay, image.attempts, outcome, Math.round(durationMs));
      }
    } catch (error) {
      stateLost(turn, error);
    } finally {
      underWay.end('other');
    }
  };

  async function notUploaded(
    underWay: ImageUnderWay,
    attempt: number,
    outcome: NotUploaded,
    durationMs: number,
  ): Promise<void> {
    const { job, index } = underWay.turn;
    const seenByGate = outcome.kind === 'paused' ? 'refused' : 'other';
    const failed = outcome.kind === 'failed' ? outcome.error : null;
    const marks = outcome.kind === 'failed' && outcome.possibleDuplicate ? DOUBT : {};
    const delayMs = failed ? retryDelayMs(failed, attempt, limits, random) : 0;
    const ending = endingOf(job);
    const last = failed ?? ending;
    if (last && (ending || delayMs === null)) {
      await settle(job, index, failure(last, durationMs), last, marks);
      underWay.end(seenByGate);
      return;
    }

    if (failed) {
      const { code, message, cause } = failed;
      const url = maskUrl(urlOf(job, index));
      const fields = { jobId: job.id, url, code, attempt, durationMs, retryInMs: delayMs };
      log.info({ ...fields, ...marks, cause: describeCause(cause) }, message);
      observer?.attemptFailed(code);
    }
    await store.update(job.id, index, { type: 'release', counted: failed !== null, durationMs });
    // The job may have been ended while the store was asked.
    const late = endingOf(job);
    if (late) await settle(job, index, failure(late, 0), late);
    else if (failed) retryAfter(underWay.turn, delayMs ?? 0);
    underWay.end(seenByGate, failed || late ? undefined : 'first');
  }

  function retryAfter(turn: Turn<ActiveJob>, delayMs: number): void {
    const { job, index } = turn;
    const timer = setTimeout(() => {
      job.delayed?.delete(index);
      queue.putBack(turn);
      desk.pump();
    }, delayMs);
    (job.delayed ??= new Map()).set(index, timer);
  }
}

/** In the line of an image that Imgur may have all the same. */
const DOUBT = { possibleDuplicate: true };

type NotUploaded = Exclude<Outcome, { kind: 'uploaded' }>;
