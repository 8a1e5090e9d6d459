import type { ImageEvent, ImageRecord, JobSummary } from './job';

/** An image that is complete or failed now, or waits again. */
export interface Settled {
  readonly jobId: string;
  readonly image: ImageRecord;
  /** The job, if this was its last image. */
  readonly finished: JobSummary | null;
}

/** What came of an attempt. */
export type Result = Exclude<ImageEvent, { type: 'start' | 'delete' }>;

/** An image that a worker has taken on. Nobody else gets it until it is settled. */
export interface Claim {
  readonly jobId: string;
  readonly url: string;
  readonly clientId: string | null;
  /** Names the credential of its upload, and is none. */
  readonly credential: string;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  /**
   * Notes where the image's source leads.
   *
   * @param address what tells addresses apart.
   * @returns false if so many are under way there that this one has to be put back.
   */
  leadsTo(address: string): boolean;
  /** Nothing more comes from its source: others may start there. It is called once at most. */
  leaveSource(): void;
  /** It holds no place for now, and counts for less when it is asked whose turn it is. */
  lend(): void;
  /** It holds a place again. */
  takeBack(): void;
  /**
   * Writes what came of the attempt. The first final result wins.
   *
   * @returns the image as it is now; undefined if another result came first, like a cancel.
   */
  settle(result: Result): Promise<Settled | undefined>;
}

/** The worker's side of the jobs: which image is next, and what came of it. */
export interface WorkQueue {
  /** Whether what waits outlives this process: then a stop fails nothing, but puts it back. */
  readonly isLasting: boolean;
  /** Whether nothing is left: no image waits, for another attempt either, or is under way. */
  readonly isEmpty: boolean;
  /**
   * Takes the image whose turn it is; undefined if none may start; `later` if one may, but so much
   * had to be looked at that others should have the processor first.
   *
   * @param admits asked last, once for each image found, with the name of its credential. One that
   *   it refuses is not asked for again until `reopen`.
   * @param isTight whether hardly any more places can be lent: a job that has lent as many as one
   *   host may have gets no other one then.
   */
  next(admits: (credential: string) => boolean, isTight: boolean): Claim | 'later' | undefined;
  /** Lets images of a credential that was refused be asked for again. */
  reopen(credential: string): void;
  /** Calls back when `next` may give something that it did not give before. */
  onReady(listener: () => void): void;
  /** Calls back when a job was ended: its images need not be gone on with. */
  onCancel(listener: (jobId: string) => void): void;
  /**
   * From now on, `next` gives nothing. A queue that ends with this process fails the images that
   * wait as `shutdown`, and later those that are put back.
   *
   * @returns the images that it failed.
   */
  close(): Promise<Settled[]>;
}
