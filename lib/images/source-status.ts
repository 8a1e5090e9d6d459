import type { IncomingMessage } from 'node:http';
import { RelayError } from '../errors';
import { retryAfterMs } from '../retry-after';

type Answer = Pick<IncomingMessage, 'statusCode' | 'headers'>;

/** Statuses that another attempt may well not meet: RFC 9110 (408, 5xx), RFC 8470, RFC 6585. */
const PASSING = new Set([408, 425, 429]);
/** The content codings of the HTTP registry (IANA), `identity` apart. */
const CODINGS = new Set(['br', 'compress', 'deflate', 'gzip', 'x-gzip', 'zstd']);
/** A source that wants to be left alone for longer is not waited for. */
const MAX_RETRY_AFTER_MS = 30_000;

/**
 * What speaks against an answer's status and headers before its body is read; null if nothing does.
 *
 * @param maxBytes the most that a picture may have.
 */
export function refusalOf(answer: Answer, maxBytes: number, now = Date.now()): RelayError | null {
  return (
    statusRefusal(answer, now) ??
    partialRefusal(answer) ??
    encodingRefusal(answer) ??
    lengthRefusal(answer, maxBytes)
  );
}

/** The length that the answer announces for its body in bytes, or null if it does not say. */
export function announcedLength({ headers }: Answer): number | null {
  // With a transfer coding the length is that of nothing in particular (RFC 9112, 6.3).
  if (headers['transfer-encoding'] !== undefined) return null;
  const text = headers['content-length'];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}

function statusRefusal(
  { statusCode: status = 0, headers }: Answer,
  now: number,
): RelayError | null {
  if (status === 200 || status === 203 || status === 206) return null;
  const waitMs = retryAfterMs(headers, now);
  const passing = PASSING.has(status) || status >= 500;
  if (waitMs !== null && waitMs > MAX_RETRY_AFTER_MS) {
    const seconds = Math.ceil(waitMs / 1000);
    return new RelayError(
      'source_status',
      `The source answered with status ${status} and asks to wait ${seconds} s, which is too long.`,
      { retryable: false },
    );
  }
  return new RelayError(
    'source_status',
    status === 204 || status === 205 || status === 304
      ? `The source answered with status ${status}, which brings no picture.`
      : `The source answered with status ${status}.`,
    { retryable: passing, ...(passing && waitMs !== null ? { retryAfterMs: waitMs } : {}) },
  );
}

/** A 206 that was not asked for is taken if it holds all there is (RFC 9110, 14.4). */
function partialRefusal({ statusCode: status, headers }: Answer): RelayError | null {
  if (status !== 206) return null;
  const range = /^bytes 0-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '');
  if (range && Number(range[1]) + 1 === Number(range[2])) return null;
  return new RelayError('truncated', 'The source sent only a part of the picture (status 206).', {
    retryable: false,
  });
}

/** A coding that was not asked for could unfold to any size, so not even an honest one is taken. */
function encodingRefusal({ headers }: Answer): RelayError | null {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  // Node joins headers that were sent twice.
  if (/^(?:identity|[ ,])*$/.test(encoding)) return null;
  // Any other word is the source's own, and could be anything.
  const name = CODINGS.has(encoding) ? ` "${encoding}"` : '';
  return new RelayError(
    'bad_encoding',
    `The source sent the picture with an encoding${name} that was not asked for.`,
  );
}

function lengthRefusal(answer: Answer, maxBytes: number): RelayError | null {
  const length = announcedLength(answer);
  if (length === null || length <= maxBytes) return null;
  return tooLarge(maxBytes, `announces ${length} bytes`);
}

/** @param what what the source does, e.g. `announces 12 bytes`. */
export function tooLarge(maxBytes: number, what: string): RelayError {
  return new RelayError('too_large', `The source ${what}; at most ${maxBytes} are allowed.`);
}
