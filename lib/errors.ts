/**
 * Why an image failed: the stable codes that clients, logs and metrics speak.
 * `retried` says whether another attempt could end differently.
 */
export const REASONS = {
  blocked_address: { retried: false },
  blocked_port: { retried: false },
  dns_failed: { retried: true },
  connection_failed: { retried: true },
  tls_error: { retried: false },
  download_timeout: { retried: true },
  source_status: { retried: false },
  too_many_redirects: { retried: false },
  bad_redirect: { retried: false },
  bad_response: { retried: false },
  bad_encoding: { retried: false },
  empty: { retried: false },
  truncated: { retried: true },
  too_large: { retried: false },
  not_an_image: { retried: false },
  unsupported_image: { retried: false },
  conversion_failed: { retried: false },
  imgur_rejected: { retried: false },
  imgur_auth: { retried: false },
  imgur_forbidden: { retried: false },
  imgur_rate_limited: { retried: false },
  imgur_unavailable: { retried: true },
  imgur_timeout: { retried: true },
  imgur_bad_response: { retried: true },
  cancelled: { retried: false },
  shutdown: { retried: false },
  internal: { retried: false },
} as const satisfies Record<string, { retried: boolean }>;

export type ReasonCode = keyof typeof REASONS;

export interface RelayErrorOptions {
  /** Overrides what the code says, e.g. for a `source_status` of 503. */
  retryable?: boolean;
  /** How long the other side asked us to wait before the next attempt, in milliseconds. */
  retryAfterMs?: number;
  /** At most this many attempts in all, where the code's own policy is stricter than `ATTEMPTS`. */
  maxAttempts?: number;
  cause?: unknown;
}

/**
 * One image could not be relayed. `message` is public: one sentence a person can act on, without
 * addresses that a name resolved to and without secrets; the rest belongs into `cause`.
 *
 * Recognise it with `isRelayError`, never with `instanceof`: every function is bundled apart, so
 * each bundle has a class of its own.
 */
export class RelayError extends Error {
  override readonly name = 'RelayError';
  readonly code: ReasonCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | null;
  readonly maxAttempts: number | null;

  constructor(code: ReasonCode, message: string, options: RelayErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? REASONS[code].retried;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.maxAttempts = options.maxAttempts ?? null;
  }
}

/** What an image fails with when this was thrown: the error itself, or `internal` for a defect. */
export function relayErrorOf(thrown: unknown): RelayError {
  if (isRelayError(thrown)) return thrown;
  return new RelayError('internal', 'The service met an unexpected error.', { cause: thrown });
}

export function isRelayError(error: unknown): error is RelayError {
  return error instanceof Error && error.name === 'RelayError' && 'code' in error;
}
