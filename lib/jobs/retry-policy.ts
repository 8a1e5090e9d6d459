import type { RelayError } from '../errors';

export interface RetryLimits {
  /** How often an image is tried in all. */
  readonly attempts: number;
  /** The longest first wait, in milliseconds; it doubles with each attempt. */
  readonly retryDelayMs: number;
}

/** Waits grow no further than this, however many attempts an operator allows. */
const MAX_DELAY_MS = 60_000;

/**
 * How long to wait before the next attempt, in milliseconds, or null if there is none.
 *
 * Exponential with full jitter, so that images which failed together do not return together
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). A wait that the
 * other side asked for is honoured in full.
 *
 * @param attempt the number of attempts made, from 1.
 * @param random a number from 0 up to 1.
 */
export function retryDelayMs(
  error: RelayError,
  attempt: number,
  limits: RetryLimits,
  random: () => number = Math.random,
): number | null {
  const attempts = Math.min(limits.attempts, error.maxAttempts ?? Infinity);
  if (!error.retryable || attempt >= attempts) return null;
  const longest = Math.min(limits.retryDelayMs * 2 ** (attempt - 1), MAX_DELAY_MS);
  return Math.max(Math.ceil(random() * longest), error.retryAfterMs ?? 0);
}
