import type { ImageCounts, ImageEvent, ImageRecord, Job, JobSummary } from './job';

export interface NewJob {
  /** Sources without duplicates, at least one. */
  readonly urls: readonly string[];
  readonly clientId: string | null;
}

/** What an event did: the image as it is now, and the job around it. */
export interface Updated {
  readonly image: ImageRecord;
  readonly job: JobSummary;
}

/** A part of all links. */
export interface Links {
  /** The position of the oldest link that is kept. */
  readonly oldest: number;
  readonly links: readonly string[];
}

/** Thrown by `create` when a job would go over the bound of waiting images. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull';
}

export function isQueueFull(error: unknown): error is QueueFull {
  return error instanceof Error && error.name === 'QueueFull';
}

/**
 * Where jobs are kept. A port, so that a store outside the process could stand behind it: every
 * method returns a promise, and readers get copies that they may keep.
 */
export interface JobStore {
  /** @throws {QueueFull} when too many images wait already; nothing is kept then. */
  create(job: NewJob): Promise<JobSummary>;
  get(jobId: string): Promise<Job | undefined>;
  /**
   * Applies one event to the image at `index`.
   *
   * @throws {IllegalTransition} for an event that the image's state does not allow.
   * @throws {RangeError} for an unknown job or image.
   */
  update(jobId: string, index: number, event: ImageEvent): Promise<Updated>;
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
  /** The images of all jobs kept, by state. */
  counts(): Promise<ImageCounts>;
}
