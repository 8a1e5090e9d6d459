import { Cancellation } from '../cancellation';
import { isRelayError, RelayError } from '../errors';
import type { Logger } from '../logger';
import { maskUrl } from '../net/mask-url';
import { countDown, createActiveJob, removeUnderWay, urlOf, type ActiveJob } from './active-job';
import { FairQueue, type QueuedImage } from './fair-queue';
import type { JobObserver } from './job-observer';
import type { JobStore } from './job-store';
import type { Relay, UploadGate } from './relay';
import { retryDelayMs, type RetryLimits } from './retry-policy';
import { createSettleImage, failure } from './settle-image';

export interface Scheduler {
  /**
   * Processes a job; resolves when each of its images is complete or failed. Asked again for the
   * same job, it joins the run under way.
   *
   * @throws {RangeError} for a job that the store does not know.
   */
  run(jobId: string): Promise<void>;
  /** Ends a job: what is under way is aborted, the rest not started. Resolves when it is complete. */
  cancel(jobId: string): Promise<void>;
  /**
   * Starts nothing more, fails what waits with `shutdown`, and gives what is under way `timeoutMs`
   * to end by itself. Resolves when nothing is under way.
   */
  drain(timeoutMs: number): Promise<void>;
}

export interface SchedulerParts {
  readonly store: JobStore;
  readonly relay: Relay;
  readonly gate: UploadGate;
  readonly log: Logger;
  readonly limits: RetryLimits & {
    readonly concurrency: number;
    readonly concurrencyPerSource: number;
  };
  readonly observer?: JobObserver;
  readonly random?: () => number;
}

/** Takes images in turn from all unfinished jobs and has them relayed within the limits. */
export function createScheduler(parts: SchedulerParts): Scheduler {
  const { store, relay, gate, log, limits, observer, random } = parts;
  const settle = createSettleImage({ store, log, observer });
  const queue = new FairQueue<ActiveJob>(limits.concurrencyPerSource);
  const active = new Map<string, Promise<ActiveJob>>();
  let underWay = 0;
  let draining: RelayError | null = null;

  gate.onOpen((key) => {
    queue.reopen((job) => job.gateKey === key);
    pump();
  });

  return {
    async run(jobId) {
      await (
        await activate(jobId)
      ).done;
    },

    async cancel(jobId) {
      const job = await activate(jobId);
      await end(
        job,
        new RelayError('cancelled', 'The job was cancelled before this image was done.'),
      );
      await job.done;
    },

    async drain(timeoutMs) {
      const reason = new RelayError(
        'shutdown',
        'The service was stopped before this image was done.',
      );
      draining = reason;
      // A job that the store does not know has nothing to end; its run has been told so.
      const known = await Promise.allSettled(active.values());
      const jobs = known.flatMap((job) => (job.status === 'fulfilled' ? [job.value] : []));
      const deadline = setTimeout(() => {
        for (const job of jobs) cancelUnderWay(job, reason);
      }, timeoutMs);
      await Promise.all(jobs.map((job) => failWaiting(job, reason)));
      await Promise.all(jobs.map((job) => job.done));
      clearTimeout(deadline);
    },
  };

  function activate(jobId: string): Promise<ActiveJob> {
    let job = active.get(jobId);
    if (!job) {
      job = load(jobId);
      active.set(jobId, job);
      job.then(
        ({ done }) => done.then(() => active.delete(jobId)),
        () => active.delete(jobId),
      );
    }
    return job;
  }

  async function load(jobId: string): Promise<ActiveJob> {
    const stored = await store.get(jobId);
    if (!stored) throw new RangeError(`Expected a job of the store, got ${jobId}`);
    const job = createActiveJob(stored, gate.keyOf(stored.clientId));
    stored.images.forEach((image, index) => {
      if (image.status === 'pending') enqueue(job, index);
    });
    if (job.left === 0) job.finish();
    if (draining) await failWaiting(job, draining);
    else pump();
    return job;
  }

  function enqueue(job: ActiveJob, index: number, where?: 'first' | 'last'): void {
    // With or without the root's dot it is the same host.
    const host = new URL(urlOf(job, index)).hostname.replace(/\.$/, '');
    queue.add({ job, index, host }, where);
  }

  function pump(): void {
    while (underWay < limits.concurrency && !draining) {
      let answer: 'enter' | 'wait' | RelayError = 'wait';
      const next = queue.next((job) => {
        answer = gate.tryEnter(job.gateKey);
        return answer !== 'wait';
      });
      if (!next) return;
      underWay += 1;
      void (isRelayError(answer) ? refuse(next, answer) : attempt(next)).finally(() => {
        underWay -= 1;
        queue.release(next.host);
        pump();
      });
    }
  }

  async function refuse({ job, index }: QueuedImage<ActiveJob>, error: RelayError): Promise<void> {
    await settle(job, index, failure(error, 0), error);
  }

  async function attempt({ job, index }: QueuedImage<ActiveJob>): Promise<void> {
    const cancellation = new Cancellation();
    job.underWay.push(cancellation);
    const startedAt = performance.now();
    let outcome: 'success' | 'refused' | 'other' = 'other';
    try {
      const { image } = await store.update(job.id, index, { type: 'start' });
      observer?.attemptStarted();
      try {
        const { url } = image;
        const relayed = await relay({ url, clientId: job.clientId }, cancellation);
        outcome = 'success';
        const { link, bytes, type: mime } = relayed;
        const durationMs = performance.now() - startedAt;
        await settle(job, index, { type: 'complete', link, bytes, mime, durationMs }, null);
      } catch (error) {
        if (gate.isPause(error)) outcome = 'refused';
        const durationMs = Math.round(performance.now() - startedAt);
        await afterFailure(job, index, image.attempts, error, durationMs);
      }
    } catch (error) {
      // Only a defect of the store leads here. The job must end all the same.
      log.error({ jobId: job.id, url: maskUrl(urlOf(job, index)), error }, 'image state lost');
      countDown(job);
    } finally {
      removeUnderWay(job, cancellation);
      gate.leave(job.gateKey, outcome);
    }
  }

  async function afterFailure(
    job: ActiveJob,
    index: number,
    attempt: number,
    thrown: unknown,
    durationMs: number,
  ): Promise<void> {
    const paused = gate.isPause(thrown);
    const ending = job.ending ?? draining;
    const error = relayErrorOf(thrown, paused ? ending : null);
    const delayMs = ending ? null : paused ? 0 : retryDelayMs(error, attempt, limits, random);
    if (delayMs === null) return settle(job, index, failure(error, durationMs), error);

    if (!paused) {
      const { code, message } = error;
      const url = maskUrl(urlOf(job, index));
      log.info({ jobId: job.id, url, code, attempt, durationMs, retryInMs: delayMs }, message);
      observer?.attemptFailed(code);
    }
    await store.update(job.id, index, { type: 'release', counted: !paused, durationMs });
    // The job may have been ended while the store was asked.
    const late = job.ending ?? draining;
    if (late) return settle(job, index, failure(late, 0), late);
    if (paused) enqueue(job, index, 'first');
    else retryAfter(job, index, delayMs);
  }

  function retryAfter(job: ActiveJob, index: number, delayMs: number): void {
    const timer = setTimeout(() => {
      job.delayed.delete(index);
      enqueue(job, index);
      pump();
    }, delayMs);
    job.delayed.set(index, timer);
  }

  async function end(job: ActiveJob, reason: RelayError): Promise<void> {
    job.ending = reason;
    cancelUnderWay(job, reason);
    await failWaiting(job, reason);
  }

  function cancelUnderWay(job: ActiveJob, reason: RelayError): void {
    for (const cancellation of job.underWay) cancellation.cancel(reason);
  }

  async function failWaiting(job: ActiveJob, reason: RelayError): Promise<void> {
    const waiting = queue.remove(job);
    for (const [index, timer] of job.delayed) {
      clearTimeout(timer);
      waiting.push(index);
    }
    job.delayed.clear();
    for (const index of waiting) {
      await settle(job, index, failure(reason, 0), reason);
    }
  }
}

/** @param pausedBy what stands for the error of an upload that a pause ended, if the job ends too. */
function relayErrorOf(thrown: unknown, pausedBy: RelayError | null): RelayError {
  if (pausedBy) return pausedBy;
  if (isRelayError(thrown)) return thrown;
  return new RelayError('internal', 'The service met an unexpected error.', { cause: thrown });
}
