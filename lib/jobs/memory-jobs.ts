import { setImmediate as nextTurn } from 'node:timers/promises';
import { BATCH } from './batch';
import { CreatedKeys } from './created-keys';
import { CANCELLED, failure, STOPPED } from './endings';
import { FairQueue, type QueuedJob } from './fair-queue/fair-queue';
import type { Turn } from './fair-queue/turn';
import type { ImageCounts, ImageEvent, ImageRecord, Job, JobSummary } from './job';
import { hostOf } from './host-of';
import { stopping } from './job-refused';
import type { Created, IdempotencyKey, JobStore, KnownUpload, Links, NewJob } from './job-store';
import { JobTable, summaryOf, type StoreBounds, type StoredJob } from './job-table';
import type { Claim, Result, Settled, WorkQueue } from './work-queue';

export interface MemoryJobsParts extends StoreBounds {
  readonly concurrency: number;
  readonly concurrencyPerSource: number;
  /** Names the credential of a job. */
  readonly credentialOf: (clientId: string | null) => string;
  /** Unix time in milliseconds. */
  readonly now?: () => number;
}

/** What waits of an unfinished job. */
interface Waiting {
  /** For its turn; null until a worker first asks for an image. */
  line: QueuedJob<StoredJob> | null;
  /** For another attempt, by its place in the job. */
  delayed: Map<number, NodeJS.Timeout> | null;
}

/** Many honest names share the address of a CDN: there, this many times what one name may have. */
const NAMES_PER_ADDRESS = 4;
/** Of one job, this many times `concurrency` may be under way, places that are lent included. */
const JOB_SHARE = 3;

/** All jobs in the memory of this process: the store and the queue are two views of one thing. */
export class MemoryJobs implements JobStore, WorkQueue {
  readonly isLasting = false;
  readonly #table: JobTable;
  readonly #keys: CreatedKeys;
  readonly #queue: FairQueue<StoredJob>;
  readonly #credentialOf: (clientId: string | null) => string;
  readonly #unfinished = new Map<StoredJob, Waiting>();
  /** Jobs whose images are not in the queue yet: to put them there is not done while a client waits. */
  #arrived: StoredJob[] = [];
  readonly #readyListeners: (() => void)[] = [];
  readonly #cancelListeners: ((jobId: string) => void)[] = [];
  #isClosed = false;

  constructor(parts: MemoryJobsParts) {
    const { concurrency, concurrencyPerSource: perHost, now = Date.now } = parts;
    this.#table = new JobTable(parts, now);
    this.#keys = new CreatedKeys(now);
    this.#credentialOf = parts.credentialOf;
    this.#queue = new FairQueue({
      perHost,
      perAddress: NAMES_PER_ADDRESS * perHost,
      perJob: JOB_SHARE * concurrency,
    });
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to be a rejection
  async create(newJob: NewJob, once?: IdempotencyKey): Promise<Created> {
    const known = once && this.#find(once);
    if (known !== undefined) return { jobId: known, repeated: true };
    if (this.#isClosed) throw stopping();
    const job = this.#table.add(newJob, this.#credentialOf(newJob.clientId));
    this.#unfinished.set(job, { line: null, delayed: null });
    this.#arrived.push(job);
    if (once) this.#keys.remember(once, job.id);
    return { jobId: job.id, repeated: false };
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to be a rejection
  async madeWith(once: IdempotencyKey): Promise<string | undefined> {
    return this.#find(once);
  }

  get(jobId: string): Promise<Job | undefined> {
    const job = this.#table.find(jobId);
    // Image records are never changed, only replaced, so a copy of the list is a copy of all.
    return Promise.resolve(
      job && { ...summaryOf(job), clientId: job.clientId, images: [...job.images] },
    );
  }

  cancel(jobId: string): Promise<Settled[]> {
    const job = this.#table.find(jobId);
    const waiting = job && this.#unfinished.get(job);
    if (!waiting) return Promise.resolve([]);
    this.#takeOut(job, waiting);
    const ended: Settled[] = [];
    for (const [index, { status }] of job.images.entries()) {
      if (status !== 'pending' && status !== 'in-progress') continue;
      ended.push(this.#apply(job, index, failure(CANCELLED, 0)));
    }
    for (const listener of this.#cancelListeners) listener(jobId);
    return Promise.resolve(ended);
  }

  list(limit: number): Promise<JobSummary[]> {
    return Promise.resolve(this.#table.newest(limit).map(summaryOf));
  }

  linksFrom(position: number, most: number): Promise<Links> {
    return Promise.resolve(this.#table.linksFrom(position, most));
  }

  findUpload(imageId: string): Promise<KnownUpload | undefined> {
    const found = this.#table.findUpload(imageId);
    const image = found?.job.images[found.index];
    if (!found || !image) return Promise.resolve(undefined);
    const { id: jobId, clientId } = found.job;
    const { link, deletehash } = image;
    return Promise.resolve({ jobId, clientId, link: link ?? '', deletehash });
  }

  markDeleted(imageId: string): Promise<boolean> {
    const found = this.#table.findUpload(imageId);
    if (found) this.#table.apply(found.job, found.index, { type: 'delete' });
    return Promise.resolve(found !== undefined);
  }

  counts(): Promise<ImageCounts> {
    return Promise.resolve({ ...this.#table.counts });
  }

  get isEmpty(): boolean {
    return this.#unfinished.size === 0;
  }

  next(admits: (credential: string) => boolean, isTight: boolean): Claim | 'later' | undefined {
    if (this.#isClosed) return undefined;
    this.#admitArrived();
    const turn = this.#queue.next(({ credential }) => admits(credential), isTight);
    if (turn === undefined || turn === 'later') return turn;
    const { image } = this.#apply(turn.job, turn.index, { type: 'start' });
    return new MemoryClaim(turn, image, this.#queue, this.#settle);
  }

  reopen(credential: string): void {
    this.#queue.reopen(credential);
  }

  onReady(listener: () => void): void {
    this.#readyListeners.push(listener);
  }

  onCancel(listener: (jobId: string) => void): void {
    this.#cancelListeners.push(listener);
  }

  async close(): Promise<Settled[]> {
    this.#isClosed = true;
    const ended: Settled[] = [];
    for (const [job, waiting] of [...this.#unfinished]) {
      for (const index of this.#takeOut(job, waiting)) {
        // It may have been cancelled while others had their turn.
        if (job.images[index]?.status !== 'pending') continue;
        ended.push(this.#apply(job, index, failure(STOPPED, 0)));
        if (ended.length % BATCH === 0) await nextTurn();
      }
    }
    return ended;
  }

  readonly #settle: Settle = (turn, result) => {
    const { job, index } = turn;
    const waiting = this.#unfinished.get(job);
    const isPutBack = result.type === 'release' && !this.#isClosed;
    if (!waiting || job.images[index]?.status !== 'in-progress') {
      this.#queue.release(turn);
      return undefined;
    }
    const isAtOnce = isPutBack && result.afterMs === null;
    // What was put back at once has not been tried to its end.
    if (!isAtOnce) this.#queue.ended(turn, result.type !== 'complete');
    this.#queue.release(turn, isAtOnce ? 'first' : undefined);
    const settled = this.#apply(job, index, result);
    if (isPutBack && result.afterMs !== null) this.#delay(turn, waiting, result.afterMs);
    // Nobody will try it any more.
    if (result.type === 'release' && this.#isClosed) {
      return this.#apply(job, index, failure(STOPPED, 0));
    }
    return settled;
  };

  #apply(job: StoredJob, index: number, event: ImageEvent): Settled {
    const image = this.#table.apply(job, index, event);
    if (job.finished === null) return { jobId: job.id, image, finished: null };
    this.#unfinished.delete(job);
    return { jobId: job.id, image, finished: summaryOf(job) };
  }

  #delay(turn: Turn<StoredJob>, waiting: Waiting, ms: number): void {
    const timer = setTimeout(() => {
      waiting.delayed?.delete(turn.index);
      this.#queue.putBack(turn);
      for (const listener of this.#readyListeners) listener();
    }, ms);
    (waiting.delayed ??= new Map()).set(turn.index, timer);
  }

  /** Takes out whatever waits of a job. @returns its places in the job. */
  #takeOut(job: StoredJob, { line, delayed }: Waiting): number[] {
    const indexes = line ? this.#queue.remove(line) : [...job.images.keys()];
    for (const [index, timer] of delayed ?? []) {
      clearTimeout(timer);
      indexes.push(index);
    }
    delayed?.clear();
    return indexes;
  }

  #admitArrived(): void {
    if (this.#arrived.length === 0) return;
    for (const job of this.#arrived) {
      const waiting = this.#unfinished.get(job);
      // One that was cancelled before has nothing left.
      if (waiting) waiting.line = this.#queue.add(job, job.credential, hosts(job));
    }
    this.#arrived = [];
  }

  #find(once: IdempotencyKey): string | undefined {
    const known = this.#keys.find(once);
    return known !== undefined && this.#table.find(known) ? known : undefined;
  }
}

type Settle = (turn: Turn<StoredJob>, result: Result) => Settled | undefined;

class MemoryClaim implements Claim {
  readonly jobId: string;
  readonly url: string;
  readonly clientId: string | null;
  readonly credential: string;
  readonly attempt: number;
  readonly #turn: Turn<StoredJob>;
  readonly #queue: FairQueue<StoredJob>;
  readonly #settle: Settle;

  constructor(
    turn: Turn<StoredJob>,
    image: ImageRecord,
    queue: FairQueue<StoredJob>,
    settle: Settle,
  ) {
    const { id, clientId, credential } = turn.job;
    [this.jobId, this.clientId, this.credential] = [id, clientId, credential];
    [this.url, this.attempt] = [image.url, image.attempts];
    this.#turn = turn;
    this.#queue = queue;
    this.#settle = settle;
  }

  leadsTo(address: string): boolean {
    return this.#queue.leadsTo(this.#turn, address);
  }

  leaveSource(): void {
    this.#queue.leaveSource(this.#turn);
  }

  lend(): void {
    this.#queue.lend(this.#turn);
  }

  takeBack(): void {
    this.#queue.takeBack(this.#turn);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to be a rejection
  async settle(result: Result): Promise<Settled | undefined> {
    return this.#settle(this.#turn, result);
  }
}

/** Where each image of a new job comes from. */
function* hosts({ images }: StoredJob): Generator<readonly [index: number, host: string]> {
  for (const [index, { url }] of images.entries()) yield [index, hostOf(url)];
}
