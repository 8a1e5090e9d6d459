import type { ImageCounts, Job, JobSummary } from './job';
import type { Settled } from './work-queue';

export interface NewJob {
  /** Sources without duplicates, at least one. */
  readonly urls: readonly string[];
  readonly clientId: string | null;
}

/** What marks a request that may come more than once. */
export interface IdempotencyKey {
  readonly key: string;
  /** Equal for equal requests. */
  readonly fingerprint: string;
}

export interface Created {
  readonly jobId: string;
  /** Whether an earlier request with the same key made it. */
  readonly repeated: boolean;
}

/** A part of all links. */
export interface Links {
  /** The position of the oldest link that is kept. */
  readonly oldest: number;
  /** In the place of one that was deleted stands null, so that all others keep their positions. */
  readonly links: readonly (string | null)[];
  /** How many were deleted so far, wherever they stood. */
  readonly deletions: number;
}

/** A picture at Imgur that a job put there. */
export interface KnownUpload {
  readonly jobId: string;
  readonly clientId: string | null;
  readonly link: string;
  readonly deletehash: string | null;
}

/**
 * Where jobs are kept, as the API sees it; `WorkQueue` is the worker's side of the same. A port, so
 * that a store outside the process can stand behind it: every method returns a promise, and readers
 * get copies that they may keep.
 */
export interface JobStore {
  /**
   * Makes a job, whose images wait from then on for a worker. A key that came before gives the job
   * that was made with it, unless that is gone.
   *
   * @throws {JobRefused} `queue_full` when too many images wait already, `stopping` once the queue is
   *   closed, `key_reused` for a key that came with another request; nothing is kept then.
   */
  create(job: NewJob, once?: IdempotencyKey): Promise<Created>;
  /**
   * The job that was made with this key, if it is still there.
   *
   * @throws {JobRefused} `key_reused`
   */
  madeWith(once: IdempotencyKey): Promise<string | undefined>;
  get(jobId: string): Promise<Job | undefined>;
  /**
   * Ends a job: all its images that were not complete or failed are `cancelled` at once, and whoever
   * works on one hears of it.
   *
   * @returns what it ended.
   */
  cancel(jobId: string): Promise<Settled[]>;
  /** The newest jobs first, at most `limit`. */
  list(limit: number): Promise<JobSummary[]>;
  /**
   * Links of all jobs in the order in which the images completed.
   *
   * @param position where to begin: how many links came before, dropped ones included. What is
   *   dropped is left out.
   * @param most how many to give.
   */
  linksFrom(position: number, most: number): Promise<Links>;
  /**
   * The upload of this name, as long as its job is kept.
   *
   * @param imageId the name in its link, without extension.
   */
  findUpload(imageId: string): Promise<KnownUpload | undefined>;
  /** Notes that it is deleted, and takes its link out of all. @returns false if it was not known. */
  markDeleted(imageId: string): Promise<boolean>;
  /** The images of all jobs kept, by state. */
  counts(): Promise<ImageCounts>;
}
