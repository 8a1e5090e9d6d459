import type { ReasonCode } from '../errors';
import type { ImageRecord, JobSummary } from './job';

/** Hears what is done with uploads afterwards. `refused`: Imgur did not do it, for whatever reason. */
export interface UploadsObserver {
  deletionEnded(outcome: 'deleted' | 'refused'): void;
  albumEnded(outcome: 'made' | 'refused'): void;
}

/**
 * Hears what becomes of jobs and images; the metrics stand behind it. It is called in the middle of
 * the work: what it does must be quick, and it must not throw.
 */
export interface JobObserver {
  /** An image was tried: each of its attempts counts. */
  attemptStarted(): void;
  /** An attempt failed, and another one follows. */
  attemptFailed(code: ReasonCode): void;
  /** An image is complete or failed. */
  imageEnded(image: ImageRecord): void;
  /** The last image of a job has ended. */
  jobEnded(job: JobSummary): void;
}
