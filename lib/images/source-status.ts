import type { IncomingMessage } from 'node:http';
import type { RelayError } from '../errors';
import { retryAfterMs } from '../retry-after';
import { ANSWER } from './source-errors';

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
  if (waitMs !== null && waitMs > MAX_RETRY_AFTER_MS) return ANSWER.statusToWait(status, waitMs);
  if (status === 204 || status === 205 || status === 304)
    return ANSWER.statusWithoutPicture(status);
  if (!passing) return ANSWER.status(status, { retryable: false });
  return ANSWER.status(status, {
    retryable: true,
    ...(waitMs === null ? {} : { retryAfterMs: waitMs }),
  });
}

/** A 206 that was not asked for is taken if it holds all there is (RFC 9110, 14.4). */
function partialRefusal({ statusCode: status, headers }: Answer): RelayError | null {
  if (status !== 206) return null;
  const range = /^bytes 0-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '');
  if (range && Number(range[1]) + 1 === Number(range[2])) return null;
  return ANSWER.part();
}

/** A coding that was not asked for could unfold to any size, so not even an honest one is taken. */
function encodingRefusal({ headers }: Answer): RelayError | null {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  // Node joins headers that were sent twice.
  if (/^(?:identity|[ ,])*$/.test(encoding)) return null;
  // Any other word is the source's own, and could be anything.
  return ANSWER.encoded(CODINGS.has(encoding) ? encoding : null);
}

function lengthRefusal(answer: Answer, maxBytes: number): RelayError | null {
  const length = announcedLength(answer);
  return length === null || length <= maxBytes ? null : ANSWER.announcesTooMuch(length, maxBytes);
}
