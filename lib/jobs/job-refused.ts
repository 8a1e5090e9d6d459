/** Why a job is not taken or not taken again, or why nothing is done with its uploads. */
export type Refusal =
  | 'queue_full'
  | 'stopping'
  | 'not_complete'
  | 'nothing_failed'
  | 'nothing_uploaded'
  | 'key_reused'
  | 'key_busy'
  | 'imgur_refused'
  | 'imgur_paused';

/** Why a new job is refused during a stop; `/ready` says the same. */
export const STOPPING = 'The service is stopping and takes no new jobs.';

/**
 * What was asked for is not done. `message` is for whoever asked. Recognise it with
 * `isJobRefused`, as each function's bundle has a class of its own.
 */
export class JobRefused extends Error {
  override readonly name = 'JobRefused';
  readonly why: Refusal;
  /** When to come back, in seconds, if that is known. */
  readonly retryAfterS: number | null;

  constructor(why: Refusal, message: string, retryAfterS: number | null = null) {
    super(message);
    this.why = why;
    this.retryAfterS = retryAfterS;
  }
}

export function isJobRefused(error: unknown): error is JobRefused {
  return error instanceof Error && error.name === 'JobRefused' && 'why' in error;
}

export function queueFull(waiting: number, images: number): JobRefused {
  return new JobRefused(
    'queue_full',
    `The queue is full: ${waiting} images wait already, ${images} more are too many.`,
  );
}

export function keyReused(): JobRefused {
  return new JobRefused(
    'key_reused',
    'Expected the same request as when this Idempotency-Key came before, got another one.',
  );
}

export function stopping(): JobRefused {
  return new JobRefused('stopping', STOPPING);
}
