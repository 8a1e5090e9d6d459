import type { Cancellation } from '../cancellation';
import type { RelayError } from '../errors';
import type { ImageRecord, Job } from './job';

/** What the scheduler keeps of a job while it is being processed. */
export interface ActiveJob {
  readonly id: string;
  readonly clientId: string | null;
  readonly gateKey: string;
  readonly images: readonly ImageRecord[];
  /**
   * Ends what is under way. No Map or Set: where entries come and go, those leave their outgrown
   * tables behind, each keeping the next one and all that it held, images with their requests and
   * all, through every minor garbage collection.
   */
  readonly underWay: Cancellation[];
  readonly delayed: Map<number, NodeJS.Timeout>;
  left: number;
  /** Set once the job is to end early: what its images fail with. */
  ending: RelayError | null;
  readonly done: Promise<void>;
  readonly finish: () => void;
}

/** @param gateKey names the credential of the job's uploads. */
export function createActiveJob(stored: Job, gateKey: string): ActiveJob {
  let finish = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return {
    id: stored.id,
    clientId: stored.clientId,
    gateKey,
    images: stored.images,
    underWay: [],
    delayed: new Map(),
    left: stored.images.filter(({ status }) => status === 'pending').length,
    ending: null,
    done,
    finish,
  };
}

/** The source of one image, as it was submitted. */
export function urlOf(job: ActiveJob, index: number): string {
  const image = job.images[index];
  if (!image) throw new RangeError(`Expected an image of job ${job.id}, got ${index}`);
  return image.url;
}

/** An image is not under way any more. There are as many as run at once, so they are few. */
export function removeUnderWay({ underWay }: ActiveJob, ended: Cancellation): void {
  const at = underWay.indexOf(ended);
  if (at === -1) return;
  const last = underWay.pop();
  if (last && last !== ended) underWay[at] = last;
}

/** One image of the job has ended. */
export function countDown(job: ActiveJob): void {
  job.left -= 1;
  if (job.left === 0) job.finish();
}
