import { isRelayError, RelayError } from '../errors';
import type { Logger } from '../logger';
import { MAX_TIMER_MS } from '../longest-timer';
import { maskUrl } from '../net/mask-url';
import { createActiveJob, ended, urlOf, type ActiveJob } from './active-job';
import { createAttempt } from './attempt-image';
import { createEndJob } from './end-job';
import { FairQueue } from './fair-queue';
import type { Desk } from './image-under-way';
import type { JobObserver } from './job-observer';
import type { JobStore } from './job-store';
import { Places } from './places';
import type { Relay, UploadGate } from './relay';
import type { RetryLimits } from './retry-policy';
import { createSettleImage, failure } from './settle-image';
import type { Turn } from './turn';

export interface Scheduler {
  /**
   * Sees to it that a job is processed. One run at a time does the work: it takes along whatever
   * jobs come meanwhile, and resolves when nothing is left. Any other resolves as soon as its job
   * waits for its turn, so that a job that only waits holds no run.
   *
   * @throws {RangeError} for a job that the store does not know.
   */
  run(jobId: string): Promise<void>;
  /** Ends a job: what is under way is aborted, the rest not started. Resolves when it is complete. */
  cancel(jobId: string): Promise<void>;
  /**
   * Starts nothing more, fails what waits with `shutdown`, and gives what is under way `timeoutMs`
   * to end by itself. Resolves when nothing is under way, or when it does not even end once it is
   * aborted.
   */
  drain(timeoutMs: number): Promise<void>;
}

export interface SchedulerParts {
  readonly store: JobStore;
  readonly relay: Relay;
  readonly gate: UploadGate;
  /** Names the credential of a job. */
  readonly keyOf: (clientId: string | null) => string;
  readonly log: Logger;
  readonly limits: RetryLimits & {
    readonly concurrency: number;
    readonly concurrencyPerSource: number;
  };
  readonly observer?: JobObserver;
  readonly random?: () => number;
}

/** Many honest names share the address of a CDN: there, this many times what one name may have. */
const NAMES_PER_ADDRESS = 4;
/** Of one job, this many times `concurrency` may be under way, places that are lent included. */
const JOB_SHARE = 3;
/** Places that may be lent in all, as a multiple of `concurrency`, and never more than this. */
const LENT_SHARE = 16;
const MOST_LENT = 512;
/** Images that are refused an attempt before everything else has its turn. */
const BATCH = 200;
/** What was aborted ends at once, but for a defect: that is not waited for. */
const ABORT_MS = 2000;

/** Takes images in turn from all unfinished jobs and has them relayed within the limits. */
export function createScheduler(parts: SchedulerParts): Scheduler {
  const { store, gate, log, limits, observer } = parts;
  const { concurrency, concurrencyPerSource: perHost } = limits;
  const settle = createSettleImage({ store, log, observer, settled: countDown });
  const queue = new FairQueue<ActiveJob>({
    perHost,
    perAddress: NAMES_PER_ADDRESS * perHost,
    perJob: JOB_SHARE * concurrency,
  });
  const places = new Places(concurrency, Math.min(LENT_SHARE * concurrency, MOST_LENT));
  const desk: Desk = { queue, places, gate, pump };
  const endingOf = (job: ActiveJob): RelayError | null => job.ending ?? draining;
  const attempt = createAttempt({ ...parts, desk, settle, endingOf, stateLost });
  const { abort, failWaiting, abandon } = createEndJob({ queue, store, settle });
  const active = new Map<string, ActiveJob>();
  const loading = new Map<string, Promise<ActiveJob>>();
  /** Jobs that were cancelled before they were loaded, and with what their images fail. */
  const endings = new Map<string, RelayError>();
  let isRunning = false;
  let whenIdle: (() => void) | null = null;
  let pumping: 'no' | 'yes' | 'again' = 'no';
  let draining: RelayError | null = null;

  gate.onOpen((key) => {
    queue.reopen(key);
    pump();
  });

  return {
    async run(jobId) {
      await activate(jobId);
      if (isRunning) return;
      isRunning = true;
      while (active.size > 0) await new Promise<void>((resolve) => (whenIdle = resolve));
      isRunning = false;
    },

    async cancel(jobId) {
      const reason = new RelayError(
        'cancelled',
        'The job was cancelled before this image was done.',
      );
      endings.set(jobId, reason);
      try {
        const job = await activate(jobId);
        job.ending ??= reason;
        abort(job, reason);
        await failWaiting(job, reason);
        await ended(job);
      } finally {
        endings.delete(jobId);
      }
    },

    async drain(timeoutMs) {
      const reason = new RelayError(
        'shutdown',
        'The service was stopped before this image was done.',
      );
      draining = reason;
      // A job that the store does not know has nothing to end; its run has been told so.
      await Promise.allSettled(loading.values());
      const jobs = [...active.values()];
      const deadline = setTimeout(() => {
        for (const job of jobs) abort(job, reason);
      }, timeoutMs);
      const giveUp = after(timeoutMs + ABORT_MS);
      for (const job of jobs) await failWaiting(job, reason);
      await Promise.race([Promise.all(jobs.map(ended)), giveUp.passed]);
      clearTimeout(deadline);
      giveUp.clear();
      for (const job of active.values()) await abandon(job, reason);
    },
  };

  function activate(jobId: string): Promise<ActiveJob> {
    const known = active.get(jobId);
    if (known) return Promise.resolve(known);
    let job = loading.get(jobId);
    if (!job) {
      job = load(jobId).finally(() => loading.delete(jobId));
      loading.set(jobId, job);
    }
    return job;
  }

  async function load(jobId: string): Promise<ActiveJob> {
    const stored = await store.get(jobId);
    if (!stored) throw new RangeError(`Expected a job of the store, got ${jobId}`);
    const job = createActiveJob(stored, parts.keyOf(stored.clientId));
    if (job.left === 0) return job;
    active.set(jobId, job);
    job.ending = endings.get(jobId) ?? null;
    job.queued = queue.add(job, job.gateKey, waitingOf(stored.images));
    const ending = endingOf(job);
    if (ending) await failWaiting(job, ending);
    else pump();
    return job;
  }

  function pump(): void {
    if (pumping !== 'no') {
      pumping = 'again';
      return;
    }
    do {
      pumping = 'yes';
      fill();
      // What was started may have changed what may start.
    } while ((pumping as string) === 'again');
    pumping = 'no';
  }

  function fill(): void {
    for (let refused = 0; places.isFree && !draining;) {
      let answer: 'enter' | 'wait' | RelayError = 'wait';
      const turn = queue.next((job) => {
        answer = gate.tryEnter(job.gateKey);
        return answer !== 'wait';
      }, places.isTight);
      if (!turn) return;
      if (turn === 'later') {
        setImmediate(pump);
        return;
      }
      if (!isRelayError(answer)) {
        void attempt(turn);
        continue;
      }
      refuse(turn, answer);
      refused += 1;
      if (refused === BATCH) {
        setImmediate(pump);
        return;
      }
    }
  }

  /** Fails an image that may not even be tried. */
  function refuse(turn: Turn<ActiveJob>, error: RelayError): void {
    queue.release(turn);
    settle(turn.job, turn.index, failure(error, 0), error).catch((lost: unknown) =>
      stateLost(turn, lost),
    );
  }

  /** Only a defect of the store leads here. The job must end all the same. */
  function stateLost({ job, index }: Turn<ActiveJob>, error: unknown): void {
    log.error({ jobId: job.id, url: maskUrl(urlOf(job, index)), error }, 'image state lost');
    countDown(job);
  }

  /** One image of the job has ended. */
  function countDown(job: ActiveJob): void {
    job.left -= 1;
    if (job.left > 0 || !active.delete(job.id)) return;
    for (const tell of job.whenEnded ?? []) tell();
    if (active.size === 0) whenIdle?.();
  }
}

function* waitingOf(images: readonly { url: string; status: string }[]) {
  for (const [index, { url, status }] of images.entries()) {
    // With or without the root's dot it is the same host.
    if (status === 'pending') yield [index, new URL(url).hostname.replace(/\.$/, '')] as const;
  }
}

function after(ms: number): { passed: Promise<void>; clear: () => void } {
  let clear = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, Math.min(ms, MAX_TIMER_MS));
    clear = () => clearTimeout(timer);
  });
  return { passed, clear };
}
