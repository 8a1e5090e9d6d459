import { randomUUID } from 'node:crypto';
import {
  applyEvent,
  jobStatus,
  newImage,
  type ImageCounts,
  type ImageEvent,
  type ImageRecord,
  type ImageStatus,
  type Job,
  type JobSummary,
} from './job';
import { QueueFull, type JobStore, type Links, type NewJob, type Updated } from './job-store';

type Counts = { -readonly [K in keyof ImageCounts]: ImageCounts[K] };

interface StoredJob {
  readonly id: string;
  readonly created: number;
  finished: number | null;
  started: boolean;
  readonly clientId: string | null;
  readonly images: ImageRecord[];
  readonly counts: Counts;
}

const COUNT_OF = {
  pending: 'pending',
  'in-progress': 'inProgress',
  complete: 'complete',
  failed: 'failed',
} as const satisfies Record<ImageStatus, keyof Counts>;

const NONE: ImageCounts = { pending: 0, inProgress: 0, complete: 0, failed: 0 };

export interface StoreBounds {
  readonly maxQueuedImages: number;
  readonly maxFinishedImages: number;
  readonly maxLinks: number;
}

/**
 * Jobs in the memory of this process, within bounds. What is dropped first: finished jobs, in the
 * order in which they finished, once they hold more than `maxFinishedImages` images in all. Links
 * outlive their jobs; over `maxLinks` the oldest tenth goes. Unfinished jobs are never dropped; a
 * job that would let more than `maxQueuedImages` images wait is refused instead.
 */
export class MemoryJobStore implements JobStore {
  readonly #bounds: StoreBounds;
  readonly #now: () => number;
  /** In order of creation, so the newest are at the end. */
  readonly #jobs = new Map<string, StoredJob>();
  /** In order of finishing, so the oldest are at the front. */
  readonly #finished = new Set<StoredJob>();
  #finishedImages = 0;
  readonly #links: string[] = [];
  #droppedLinks = 0;

  readonly #counts: Counts = { ...NONE };

  constructor(bounds: StoreBounds, now = Date.now) {
    this.#bounds = bounds;
    this.#now = now;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to be a rejection
  async create({ urls, clientId }: NewJob): Promise<JobSummary> {
    const { pending } = this.#counts;
    if (pending + urls.length > this.#bounds.maxQueuedImages) {
      throw new QueueFull(`${pending} images wait already, ${urls.length} more are too many`);
    }
    const job: StoredJob = {
      id: randomUUID(),
      created: this.#now(),
      finished: null,
      started: false,
      clientId,
      images: urls.map(newImage),
      counts: { ...NONE, pending: urls.length },
    };
    this.#jobs.set(job.id, job);
    this.#counts.pending += urls.length;
    return summaryOf(job);
  }

  get(jobId: string): Promise<Job | undefined> {
    const job = this.#jobs.get(jobId);
    // Image records are never changed, only replaced, so a copy of the list is a copy of all.
    return Promise.resolve(
      job && { ...summaryOf(job), clientId: job.clientId, images: [...job.images] },
    );
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to be a rejection
  async update(jobId: string, index: number, event: ImageEvent): Promise<Updated> {
    const job = this.#jobs.get(jobId);
    const image = job?.images[index];
    if (!job || !image) throw new RangeError(`Expected an image of a job, got ${jobId}/${index}`);

    const next = applyEvent(image, event);
    job.images[index] = next;
    job.started ||= next.status === 'in-progress';
    for (const counts of [job.counts, this.#counts]) {
      counts[COUNT_OF[image.status]] -= 1;
      counts[COUNT_OF[next.status]] += 1;
    }
    if (next.link !== null) this.#keepLink(next.link);
    if (job.finished === null && statusOf(job) === 'complete') this.#finish(job);
    return { image: next, job: summaryOf(job) };
  }

  list(limit: number): Promise<JobSummary[]> {
    const newestFirst = [...this.#jobs.values()].reverse();
    return Promise.resolve(newestFirst.slice(0, limit).map(summaryOf));
  }

  linksFrom(position: number, most: number): Promise<Links> {
    const oldest = this.#droppedLinks;
    const from = Math.max(0, position - oldest);
    return Promise.resolve({ oldest, links: this.#links.slice(from, from + most) });
  }

  counts(): Promise<ImageCounts> {
    return Promise.resolve({ ...this.#counts });
  }

  #keepLink(link: string): void {
    this.#links.push(link);
    if (this.#links.length > this.#bounds.maxLinks) {
      // A tenth at a time: taking one off the front of a long array moves all the others.
      this.#droppedLinks += this.#links.splice(0, Math.ceil(this.#bounds.maxLinks / 10)).length;
    }
  }

  #finish(job: StoredJob): void {
    job.finished = this.#now();
    this.#finished.add(job);
    this.#finishedImages += job.images.length;
    for (const oldest of this.#finished) {
      // The job that has just finished stays, however large: its client has not seen it yet.
      if (this.#finishedImages <= this.#bounds.maxFinishedImages || oldest === job) break;
      this.#finished.delete(oldest);
      this.#jobs.delete(oldest.id);
      this.#finishedImages -= oldest.images.length;
      this.#counts.complete -= oldest.counts.complete;
      this.#counts.failed -= oldest.counts.failed;
    }
  }
}

function statusOf(job: StoredJob): JobSummary['status'] {
  return jobStatus(job.counts, job.started);
}

function summaryOf(job: StoredJob): JobSummary {
  const { id, created, finished, counts } = job;
  return { id, created, finished, status: statusOf(job), counts: { ...counts } };
}
