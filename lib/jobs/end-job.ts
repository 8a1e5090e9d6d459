import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RelayError } from '../errors';
import type { ActiveJob } from './active-job';
import type { FairQueue } from './fair-queue';
import type { JobStore } from './job-store';
import { failure, type SettleImage } from './settle-image';

/** Images that are failed before everything else has its turn. */
const BATCH = 200;

export interface EndJob {
  /** Aborts what is under way of a job. */
  readonly abort: (job: ActiveJob, reason: RelayError) => void;
  /** Fails what waits of a job, for its turn or for another attempt. */
  readonly failWaiting: (job: ActiveJob, reason: RelayError) => Promise<void>;
  /** Fails whatever does not end although it was aborted. */
  readonly abandon: (job: ActiveJob, reason: RelayError) => Promise<void>;
}

/** The ways in which a job ends before its images do. */
export function createEndJob(parts: {
  readonly queue: FairQueue<ActiveJob>;
  readonly store: JobStore;
  readonly settle: SettleImage;
}): EndJob {
  const { queue, store, settle } = parts;
  let failed = 0;

  return {
    abort(job, reason) {
      for (const cancellation of [...(job.underWay ?? [])]) cancellation.cancel(reason);
    },

    async failWaiting(job, reason) {
      const waiting = job.queued ? queue.remove(job.queued) : [];
      for (const [index, timer] of job.delayed ?? []) {
        clearTimeout(timer);
        waiting.push(index);
      }
      job.delayed?.clear();
      for (const index of waiting) {
        await settle(job, index, failure(reason, 0), reason);
        failed += 1;
        if (failed % BATCH === 0) await nextTurn();
      }
    },

    async abandon(job, reason) {
      const images = (await store.get(job.id))?.images ?? [];
      for (const [index, { status }] of images.entries()) {
        if (status === 'complete' || status === 'failed') continue;
        await settle(job, index, failure(reason, 0), reason);
      }
    },
  };
}
