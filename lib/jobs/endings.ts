import { RelayError } from '../errors';
import type { ImageError, ImageEvent } from './job';

/** What the images of a job fail with that ends before they do. */
export const CANCELLED = new RelayError(
  'cancelled',
  'The job was cancelled before this image was done.',
);
export const STOPPED = new RelayError(
  'shutdown',
  'The service was stopped before this image was done.',
);
/** Of an image that one process after the other fell silent with. */
export const ENDS_ITS_WORKERS = new RelayError(
  'internal',
  'Each process that took this image on ended before the image was done.',
);

type Failure = Extract<ImageEvent, { type: 'fail' }>;

/** The event of an image that failed with this error. */
export function failure(error: ImageError, durationMs: number): Failure {
  // Without whatever else an error holds.
  const { code, message, retryable } = error;
  return { type: 'fail', error: { code, message, retryable }, durationMs };
}
