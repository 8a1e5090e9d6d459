import { randomUUID } from 'node:crypto';
import {
  applyEvent,
  jobStatus,
  newImage,
  unfinished,
  type ImageCounts,
  type ImageEvent,
  type ImageRecord,
  type ImageStatus,
  type JobSummary,
} from './job';
import { isLinkOf } from './image-id';
import { queueFull } from './job-refused';
import type { Links, NewJob } from './job-store';

type Counts = { -readonly [K in keyof ImageCounts]: ImageCounts[K] };

/** A job as it is kept; what waits of it is `MemoryJobs`' to know. */
export interface StoredJob {
  readonly id: string;
  readonly created: number;
  finished: number | null;
  started: boolean;
  readonly clientId: string | null;
  /** Names the credential of its uploads. */
  readonly credential: string;
  readonly images: ImageRecord[];
  readonly counts: Counts;
}

const COUNT_OF = {
  pending: 'pending',
  'in-progress': 'inProgress',
  complete: 'complete',
  failed: 'failed',
} as const satisfies Record<Exclude<ImageStatus, 'deleted'>, keyof Counts>;

const NONE: ImageCounts = { pending: 0, inProgress: 0, complete: 0, failed: 0 };

export interface StoreBounds {
  readonly maxQueuedImages: number;
  readonly maxFinishedImages: number;
  readonly maxLinks: number;
}

/**
 * Jobs and links in the memory of this process, within bounds. What is dropped first: finished jobs,
 * in the order in which they finished, once they hold more than `maxFinishedImages` images in all.
 * Links outlive their jobs; over `maxLinks` the oldest tenth goes. Unfinished jobs are never dropped;
 * a job that would let more than `maxQueuedImages` images wait is refused instead.
 */
export class JobTable {
  readonly #bounds: StoreBounds;
  readonly #now: () => number;
  /** In order of creation, so the newest are at the end. */
  readonly #jobs = new Map<string, StoredJob>();
  /** In order of finishing, so the oldest are at the front. */
  readonly #finished = new Set<StoredJob>();
  #finishedImages = 0;
  readonly #links: (string | null)[] = [];
  #droppedLinks = 0;
  #deletions = 0;
  readonly #counts: Counts = { ...NONE };

  constructor(bounds: StoreBounds, now = Date.now) {
    this.#bounds = bounds;
    this.#now = now;
  }

  /** The images of all jobs kept, by state. */
  get counts(): ImageCounts {
    return this.#counts;
  }

  /** @throws {JobRefused} `queue_full` when too many images wait already. */
  add({ urls, clientId }: NewJob, credential: string): StoredJob {
    const { pending } = this.#counts;
    if (pending + urls.length > this.#bounds.maxQueuedImages) {
      throw queueFull(pending, urls.length);
    }
    const job: StoredJob = {
      id: randomUUID(),
      created: this.#now(),
      finished: null,
      started: false,
      clientId,
      credential,
      images: urls.map(newImage),
      counts: { ...NONE, pending: urls.length },
    };
    this.#jobs.set(job.id, job);
    this.#counts.pending += urls.length;
    return job;
  }

  find(jobId: string): StoredJob | undefined {
    return this.#jobs.get(jobId);
  }

  /** The newest jobs first, at most `limit`. */
  newest(limit: number): StoredJob[] {
    return [...this.#jobs.values()].reverse().slice(0, limit);
  }

  /**
   * Applies one event to an image.
   *
   * @throws {IllegalTransition} for an event that the image's state does not allow.
   * @throws {RangeError} for an image that the job does not have.
   */
  apply(job: StoredJob, index: number, event: ImageEvent): ImageRecord {
    const image = job.images[index];
    if (!image) throw new RangeError(`Expected an image of a job, got ${job.id}/${index}`);
    const next = applyEvent(image, event);
    job.images[index] = next;
    job.started ||= next.status === 'in-progress';
    for (const counts of [job.counts, this.#counts]) {
      if (image.status !== 'deleted') counts[COUNT_OF[image.status]] -= 1;
      if (next.status !== 'deleted') counts[COUNT_OF[next.status]] += 1;
    }
    if (next.link !== null) {
      if (next.status === 'deleted') this.#dropLink(next.link);
      else this.#keepLink(next.link);
    }
    if (job.finished === null && unfinished(job.counts) === 0) this.#finish(job);
    return next;
  }

  /** @see JobStore.linksFrom */
  linksFrom(position: number, most: number): Links {
    const oldest = this.#droppedLinks;
    const from = Math.max(0, position - oldest);
    const links = this.#links.slice(from, from + most);
    return { oldest, links, deletions: this.#deletions };
  }

  /** Looks at all images, which is quick enough for a call that is as rare. */
  findUpload(imageId: string): { job: StoredJob; index: number } | undefined {
    for (const job of this.#jobs.values()) {
      const index = job.images.findIndex(
        ({ status, link }) => status === 'complete' && link !== null && isLinkOf(link, imageId),
      );
      if (index !== -1) return { job, index };
    }
    return undefined;
  }

  #dropLink(link: string): void {
    const at = this.#links.indexOf(link);
    if (at === -1) return;
    this.#links[at] = null;
    this.#deletions += 1;
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

export function summaryOf(job: StoredJob): JobSummary {
  const { id, created, finished, started, counts } = job;
  return { id, created, finished, status: jobStatus(counts, started), counts: { ...counts } };
}
