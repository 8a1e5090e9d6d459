import { isRelayError, type RelayError } from '../errors';
import type { Logger } from '../logger';
import { MAX_TIMER_MS } from '../longest-timer';
import { maskUrl } from '../net/mask-url';
import { BATCH } from './batch';
import { CANCELLED, failure, STOPPED } from './endings';
import { ImageUnderWay, type Desk } from './image-under-way';
import type { JobLog } from './job-log';
import type { JobObserver } from './job-observer';
import { Places } from './places';
import type { Outcome, Relay, UploadGate } from './relay';
import { retryDelayMs, type RetryLimits } from './retry-policy';
import type { Claim, Result, WorkQueue } from './work-queue';

export interface Worker {
  /**
   * Works until nothing is left. One run at a time does it, and takes along whatever jobs come
   * meanwhile; any other one resolves at once, so that a job that only waits holds no run.
   *
   * @param remainingMs how much of its time the run has left, in milliseconds, where that is bounded.
   */
  run(remainingMs?: () => number): Promise<void>;
  /**
   * Starts nothing more, closes the queue, and gives what is under way `timeoutMs` to end by
   * itself. Resolves when nothing is under way, or when it does not even end once it is aborted.
   */
  drain(timeoutMs: number): Promise<void>;
}

export interface WorkerParts {
  readonly queue: WorkQueue;
  readonly relay: Relay;
  readonly gate: UploadGate;
  readonly log: Logger;
  readonly jobLog: JobLog;
  readonly limits: RetryLimits & { readonly concurrency: number };
  readonly observer?: JobObserver;
  /** Deletes what Imgur took of an image that had ended before; it does not throw. */
  readonly undo?: (claim: Claim, uploaded: Extract<Outcome, { kind: 'uploaded' }>) => Promise<void>;
  readonly random?: () => number;
}

/** Places that may be lent in all, as a multiple of `concurrency`, and never more than this. */
const LENT_SHARE = 16;
const MOST_LENT = 512;
/** How long aborted images are waited for. They end at once, unless there is a defect. */
const ABORT_MS = 2000;

const AGAIN = { type: 'release', counted: false, afterMs: null } as const;

/** Takes images from the queue while there are places, has them relayed, and writes what came of them. */
export function createWorker(parts: WorkerParts): Worker {
  const { queue, relay, gate, log, jobLog, limits, observer, undo, random } = parts;
  const { concurrency } = limits;
  const places = new Places(concurrency, Math.min(LENT_SHARE * concurrency, MOST_LENT));
  const desk: Desk = { places, gate, pump };
  /**
   * No Map or Set: where entries come and go, these leave outgrown tables behind. Each table keeps
   * the next one and all that it held, so images and their requests outlive every minor garbage
   * collection.
   */
  const underWay: ImageUnderWay[] = [];
  let isRunning = false;
  let isDraining = false;
  let pumping: 'no' | 'yes' | 'again' = 'no';
  const waiters: (() => void)[] = [];

  gate.onOpen((credential) => {
    queue.reopen(credential);
    pump();
  });
  queue.onReady(pump);
  queue.onCancel((jobId) => {
    for (const { claim, cancellation } of [...underWay]) {
      if (claim.jobId === jobId) cancellation.cancel(CANCELLED);
    }
    tellIfIdle();
  });

  return {
    async run() {
      pump();
      if (isRunning) return;
      isRunning = true;
      await idle();
      isRunning = false;
    },

    async drain(timeoutMs) {
      isDraining = true;
      const deadline = setTimeout(abortAll, Math.min(timeoutMs, MAX_TIMER_MS));
      const giveUp = after(timeoutMs + ABORT_MS);
      await jobLog.imagesEnded(await queue.close(), STOPPED);
      await Promise.race([idle(), giveUp.passed]);
      clearTimeout(deadline);
      giveUp.clear();
      for (const { claim } of underWay.splice(0)) {
        await settle(claim, { kind: 'failed', error: STOPPED }, 0);
      }
      tellIfIdle();
    },
  };

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
    for (let refused = 0; places.isFree && !isDraining;) {
      let answer: 'enter' | 'wait' | RelayError = 'wait';
      const claim = queue.next((credential) => {
        answer = gate.tryEnter(credential);
        return answer !== 'wait';
      }, places.isTight);
      if (!claim) return;
      if (claim === 'later') {
        setImmediate(pump);
        return;
      }
      if (!isRelayError(answer)) {
        void attempt(claim);
        continue;
      }
      void refuse(claim, answer);
      refused += 1;
      if (refused === BATCH) {
        setImmediate(pump);
        return;
      }
    }
  }

  /** Has an image relayed, once. The gate of its credential has been entered. */
  async function attempt(claim: Claim): Promise<void> {
    const image = new ImageUnderWay(desk, claim);
    const startedAt = performance.now();
    let left: 'success' | 'refused' | 'other' = 'other';
    underWay.push(image);
    observer?.attemptStarted();
    try {
      const outcome = await relay(claim, image.cancellation, image);
      if (outcome.kind === 'uploaded') left = 'success';
      else if (outcome.kind === 'paused') left = 'refused';
      await settle(claim, outcome, performance.now() - startedAt);
    } catch (error) {
      stateLost(claim, error);
    }
    remove(image);
    image.end(left);
    tellIfIdle();
  }

  /** Writes what came of an attempt, and tells of it. */
  async function settle(claim: Claim, outcome: Outcome, durationMs: number): Promise<void> {
    const result = resultOf(claim, outcome, durationMs);
    const settled = await claim.settle(result);
    if (!settled) {
      jobLog.endedTooLate(claim, outcome);
      if (outcome.kind === 'uploaded') await undo?.(claim, outcome);
    } else if (outcome.kind !== 'failed') {
      // What was put back fails where nobody will try it any more.
      const { status } = settled.image;
      if (status !== 'pending') jobLog.imageEnded(settled, status === 'failed' ? STOPPED : null);
    } else if (result.type === 'release') {
      if (!result.counted) return;
      jobLog.willRetry(claim, outcome, Math.round(durationMs), result.afterMs ?? 0);
    } else {
      jobLog.imageEnded(settled, outcome.error, outcome.possibleDuplicate);
    }
  }

  function resultOf({ attempt }: Claim, outcome: Outcome, durationMs: number): Result {
    if (outcome.kind === 'uploaded') {
      const { link, deletehash = null, bytes, type: mime, sourceType: sourceMime } = outcome;
      return { type: 'complete', link, deletehash, bytes, mime, sourceMime, durationMs };
    }
    if (outcome.kind !== 'failed') return { ...AGAIN, durationMs };
    // A stop is no fault of the image, and where the queue ends with it there is no later.
    if (queue.isLasting && outcome.error.code === STOPPED.code) return { ...AGAIN, durationMs };
    const afterMs =
      isDraining && !queue.isLasting ? null : retryDelayMs(outcome.error, attempt, limits, random);
    if (afterMs === null) return failure(outcome.error, durationMs);
    return { type: 'release', counted: true, durationMs, afterMs };
  }

  /** Fails an image that may not even be tried. */
  async function refuse(claim: Claim, error: RelayError): Promise<void> {
    try {
      const settled = await claim.settle({ ...failure(error, 0), counted: false });
      if (settled) jobLog.imageEnded(settled, error);
    } catch (lost) {
      stateLost(claim, lost);
    }
    tellIfIdle();
  }

  /** Only a defect of the queue leads here. */
  function stateLost({ jobId, url }: Claim, error: unknown): void {
    log.error({ jobId, url: maskUrl(url), error }, 'image state lost');
  }

  function abortAll(): void {
    for (const { cancellation } of [...underWay]) cancellation.cancel(STOPPED);
  }

  /** There are as many as run at once, so they are few. */
  function remove(image: ImageUnderWay): void {
    const at = underWay.indexOf(image);
    if (at === -1) return;
    const last = underWay.pop();
    if (last && last !== image) underWay[at] = last;
  }

  function isIdle(): boolean {
    return underWay.length === 0 && (isDraining || queue.isEmpty);
  }

  async function idle(): Promise<void> {
    while (!isIdle()) await new Promise<void>((resolve) => waiters.push(resolve));
  }

  function tellIfIdle(): void {
    if (waiters.length === 0 || !isIdle()) return;
    for (const tell of waiters.splice(0)) tell();
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
