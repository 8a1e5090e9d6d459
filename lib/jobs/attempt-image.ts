import { isRelayError, RelayError } from '../errors';
import type { Logger } from '../logger';
import { maskUrl } from '../net/mask-url';
import { urlOf, type ActiveJob } from './active-job';
import { ImageUnderWay, type Desk } from './image-under-way';
import type { JobObserver } from './job-observer';
import type { JobStore } from './job-store';
import { isPutBack } from './put-back';
import type { Relay } from './relay';
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
  const { gate, queue } = desk;

  return async function attempt(turn) {
    const { job, index } = turn;
    const underWay = new ImageUnderWay(desk, turn);
    const startedAt = performance.now();
    try {
      const { image } = await store.update(job.id, index, { type: 'start' });
      observer?.attemptStarted();
      try {
        const input = { url: image.url, clientId: job.clientId };
        const { link, bytes, type: mime } = await relay(input, underWay.cancellation, underWay);
        const durationMs = performance.now() - startedAt;
        await settle(job, index, { type: 'complete', link, bytes, mime, durationMs }, null);
        underWay.end('success');
      } catch (error) {
        const durationMs = Math.round(performance.now() - startedAt);
        await afterFailure(underWay, image.attempts, error, durationMs);
      }
    } catch (error) {
      stateLost(turn, error);
    } finally {
      underWay.end('other');
    }
  };

  async function afterFailure(
    underWay: ImageUnderWay,
    attempt: number,
    thrown: unknown,
    durationMs: number,
  ): Promise<void> {
    const { job, index } = underWay.turn;
    const outcome = gate.isPause(thrown) ? 'refused' : 'other';
    const waits = outcome === 'refused' || isPutBack(thrown);
    const ending = endingOf(job);
    const error = relayErrorOf(thrown, waits ? ending : null);
    const delayMs = waits ? 0 : retryDelayMs(error, attempt, limits, random);
    if (ending || delayMs === null) {
      await settle(job, index, failure(error, durationMs), error);
      underWay.end(outcome);
      return;
    }

    if (!waits) {
      const { code, message } = error;
      const url = maskUrl(urlOf(job, index));
      log.info({ jobId: job.id, url, code, attempt, durationMs, retryInMs: delayMs }, message);
      observer?.attemptFailed(code);
    }
    await store.update(job.id, index, { type: 'release', counted: !waits, durationMs });
    // The job may have been ended while the store was asked.
    const late = endingOf(job);
    if (late) await settle(job, index, failure(late, 0), late);
    else if (!waits) retryAfter(underWay.turn, delayMs);
    underWay.end(outcome, waits && !late ? 'first' : undefined);
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

/** @param pausedBy what stands for the error of an upload that a pause ended, if the job ends too. */
function relayErrorOf(thrown: unknown, pausedBy: RelayError | null): RelayError {
  if (pausedBy) return pausedBy;
  if (isRelayError(thrown)) return thrown;
  return new RelayError('internal', 'The service met an unexpected error.', { cause: thrown });
}
