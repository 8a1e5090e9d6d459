import type { RelayError } from '../errors';
import type { ImageRecord, Job } from './job';

/** What the scheduler keeps of a job while it is being processed. */
export interface ActiveJob {
  readonly id: string;
  readonly clientId: string | null;
  readonly gateKey: string;
  readonly images: readonly ImageRecord[];
  readonly underWay: Map<number, AbortController>;
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
    underWay: new Map(),
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

/** One image of the job has ended. */
export function countDown(job: ActiveJob): void {
  job.left -= 1;
  if (job.left === 0) job.finish();
}
