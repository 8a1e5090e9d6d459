/** Why a job is not taken, or not taken again. */
export type Refusal = 'queue_full' | 'stopping' | 'not_complete' | 'nothing_failed' | 'key_reused';

/** Why a new job is refused during a stop; `/ready` says the same. */
export const STOPPING = 'The service is stopping and takes no new jobs.';

/**
 * A job that was asked for is not made. `message` is for whoever asked. Recognise it with
 * `isJobRefused`, as each function's bundle has a class of its own.
 */
export class JobRefused extends Error {
  override readonly name = 'JobRefused';
  readonly why: Refusal;

  constructor(why: Refusal, message: string) {
    super(message);
    this.why = why;
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
