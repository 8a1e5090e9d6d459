/** Why a job is not taken, or not taken again. */
export type Refusal =
  'queue_full' | 'stopping' | 'not_complete' | 'nothing_failed' | 'nothing_uploaded' | 'key_reused';

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
