import type { Cancellation } from '../cancellation';
import type { RelayError } from '../errors';
import type { QueuedJob } from './fair-queue';
import type { Job } from './job';

/** What the scheduler keeps of an unfinished job: little, as thousands may wait. */
export interface ActiveJob {
  readonly id: string;
  readonly clientId: string | null;
  readonly gateKey: string;
  /** The sources, as they were submitted. */
  readonly urls: readonly string[];
  /** Where its images wait; null until they do. */
  queued: QueuedJob<ActiveJob> | null;
  /**
   * Ends what is under way. No Map or Set: where entries come and go, those leave their outgrown
   * tables behind, each keeping the next one and all that it held, images with their requests and
   * all, through every minor garbage collection.
   */
  underWay: Cancellation[] | null;
  /** Images that wait for another attempt, by their place in the job. */
  delayed: Map<number, NodeJS.Timeout> | null;
  /** Images that are not complete or failed yet. */
  left: number;
  /** Set once the job is to end early: what its images fail with. */
  ending: RelayError | null;
  /** Called when it has ended. */
  whenEnded: (() => void)[] | null;
}

/** @param gateKey names the credential of the job's uploads. */
export function createActiveJob(stored: Job, gateKey: string): ActiveJob {
  return {
    id: stored.id,
    clientId: stored.clientId,
    gateKey,
    urls: stored.images.map(({ url }) => url),
    queued: null,
    underWay: null,
    delayed: null,
    left: stored.images.filter(({ status }) => status === 'pending').length,
    ending: null,
    whenEnded: null,
  };
}

/** The source of one image, as it was submitted. */
export function urlOf(job: ActiveJob, index: number): string {
  const url = job.urls[index];
  if (url === undefined) throw new RangeError(`Expected an image of job ${job.id}, got ${index}`);
  return url;
}

/** Resolves when each image of the job is complete or failed. */
export function ended(job: ActiveJob): Promise<void> {
  if (job.left === 0) return Promise.resolve();
  return new Promise((resolve) => (job.whenEnded ??= []).push(resolve));
}

export function addUnderWay(job: ActiveJob, cancellation: Cancellation): void {
  (job.underWay ??= []).push(cancellation);
}

/** An image is not under way any more. There are as many as run at once, so they are few. */
export function removeUnderWay({ underWay }: ActiveJob, over: Cancellation): void {
  const at = underWay?.indexOf(over) ?? -1;
  if (!underWay || at === -1) return;
  const last = underWay.pop();
  if (last && last !== over) underWay[at] = last;
}
