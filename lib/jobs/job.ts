import type { ReasonCode } from '../errors';

export type ImageStatus = 'pending' | 'in-progress' | 'complete' | 'failed' | 'deleted';
export type JobStatus = 'pending' | 'in-progress' | 'complete';

/** Why an image failed; `retryable` says whether another job could end differently. */
export interface ImageError {
  readonly code: ReasonCode;
  readonly message: string;
  readonly retryable: boolean;
}

/** One image of a job. What is not known yet is null. */
export interface ImageRecord {
  /** The source, as it was submitted. */
  readonly url: string;
  readonly status: ImageStatus;
  /** Imgur's link. */
  readonly link: string | null;
  /** Who has it may delete the upload at Imgur. */
  readonly deletehash: string | null;
  readonly error: ImageError | null;
  readonly attempts: number;
  readonly bytes: number | null;
  /** The MIME type of what was uploaded, as its first bytes showed. */
  readonly type: string | null;
  /** That of what the source sent: another one where the picture was converted. */
  readonly sourceType: string | null;
  /** Time spent on the image in all its attempts, waiting between them not counted. */
  readonly durationMs: number | null;
}

/** What can happen to an image. */
export type ImageEvent =
  | { readonly type: 'start' }
  | {
      readonly type: 'complete';
      readonly link: string;
      readonly deletehash?: string | null;
      readonly bytes: number;
      readonly mime: string;
      /** Of what the source sent, where that is another one. */
      readonly sourceMime?: string | undefined;
      readonly durationMs: number;
    }
  | {
      readonly type: 'fail';
      readonly error: ImageError;
      readonly durationMs: number;
      /** `false` for an image that was not even tried. */
      readonly counted?: false;
    }
  | {
      /** Back to the queue. */
      readonly type: 'release';
      /** An attempt that was none of the image's fault is not counted. */
      readonly counted: boolean;
      readonly durationMs: number;
      /** How long it waits; null for not at all, and before the others of its source. */
      readonly afterMs: number | null;
    }
  /** The upload is deleted at Imgur. */
  | { readonly type: 'delete' };

/** How many images there are of each `ImageStatus`. Lists of jobs say `pending` for `unfinished`. */
export interface ImageCounts {
  /** Those that wait. */
  readonly pending: number;
  /** Those under way. */
  readonly inProgress: number;
  readonly complete: number;
  readonly failed: number;
}

/** A job without its images: what a list of jobs shows. Times in milliseconds since 1970. */
export interface JobSummary {
  readonly id: string;
  readonly created: number;
  readonly finished: number | null;
  readonly status: JobStatus;
  readonly counts: ImageCounts;
}

export interface Job extends JobSummary {
  /** The Imgur Client-ID that this job brought along, or null for the configured credential. */
  readonly clientId: string | null;
  readonly images: readonly ImageRecord[];
}

/** The events that each state allows, and where they lead. The final states allow none. */
const TRANSITIONS: Record<ImageStatus, Partial<Record<ImageEvent['type'], ImageStatus>>> = {
  pending: { start: 'in-progress', fail: 'failed' },
  'in-progress': { complete: 'complete', fail: 'failed', release: 'pending' },
  complete: { delete: 'deleted' },
  failed: {},
  deleted: {},
};

/** Thrown for an event that an image's state does not allow. */
export class IllegalTransition extends Error {
  override readonly name = 'IllegalTransition';

  constructor(status: ImageStatus, event: ImageEvent['type']) {
    const allowed = Object.keys(TRANSITIONS[status]).join(', ') || 'nothing';
    super(`Expected ${allowed} for an image that is ${status}, got ${event}`);
  }
}

export function newImage(url: string): ImageRecord {
  return {
    url,
    status: 'pending',
    link: null,
    deletehash: null,
    error: null,
    attempts: 0,
    bytes: null,
    type: null,
    sourceType: null,
    durationMs: null,
  };
}

/**
 * The image after the event; the given one is left as it is.
 *
 * @throws {IllegalTransition}
 */
export function applyEvent(image: ImageRecord, event: ImageEvent): ImageRecord {
  const status = TRANSITIONS[image.status][event.type];
  if (status === undefined) throw new IllegalTransition(image.status, event.type);
  switch (event.type) {
    case 'delete':
      return { ...image, status };
    case 'start':
      return { ...image, status, attempts: image.attempts + 1 };
    case 'complete':
      return {
        ...image,
        status,
        link: event.link,
        deletehash: event.deletehash ?? null,
        bytes: event.bytes,
        type: event.mime,
        sourceType: event.sourceMime ?? event.mime,
        durationMs: spent(image, event.durationMs),
      };
    case 'fail':
      return {
        ...image,
        status,
        error: event.error,
        attempts: image.attempts - (event.counted === false ? 1 : 0),
        durationMs: spent(image, event.durationMs),
      };
    case 'release':
      return {
        ...image,
        status,
        attempts: image.attempts - (event.counted ? 0 : 1),
        durationMs: spent(image, event.durationMs),
      };
  }
}

function spent(image: ImageRecord, durationMs: number): number {
  return Math.round((image.durationMs ?? 0) + durationMs);
}

/** How many images wait or are under way. */
export function unfinished({ pending, inProgress }: ImageCounts): number {
  return pending + inProgress;
}

/** A job is complete when every image is, and pending as long as nothing has been started. */
export function jobStatus(counts: ImageCounts, started: boolean): JobStatus {
  if (unfinished(counts) === 0) return 'complete';
  return started ? 'in-progress' : 'pending';
}
