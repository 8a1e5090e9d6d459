import { RelayError, relayErrorOf } from '../errors';
import { parseImgurReply, type ImgurFailure, type Verdict } from './error-parser';
import type { Posted, UploadOutcome } from './image-upload';
import type { RateGate } from './rate-gate';
import { readRateHeaders } from './rate-headers';
import { hideSecrets, refusalError } from './refusal';

/** What an upload began with. */
export interface Sent {
  key: string;
  round: number;
  authorization: string;
  /** Whether the credential is the service's own, and not one that a job brought along. */
  isConfigured: boolean;
  /** Whether another token can be had in the place of a refused one. */
  isRenewable: boolean;
}

export interface JudgeParts {
  gate: Pick<RateGate, 'pause' | 'spend' | 'forbid' | 'doubt'>;
  onRemaining?: ((uploads: number) => void) | undefined;
}

type Reply = Extract<Posted, { kind: 'reply' }>;

/** Imgur took care of an upload that it refused like this. */
const OF_IMAGE: ReadonlySet<Verdict> = new Set(['rejected', 'too_large']);

/** What came of an upload. Tells the gate. */
export function judgePosted(posted: Posted, sent: Sent, parts: JudgeParts): UploadOutcome {
  if (posted.kind === 'lost') return lostConnection(posted);
  if (posted.kind === 'cancelled') return cutOff(posted.reason, posted.wholeSent);
  const { status, headers, text } = posted;
  const reply = parseImgurReply(status, headers, text);
  const limits = readRateHeaders(headers);
  if (sent.isConfigured && limits.remaining !== null) parts.onRemaining?.(limits.remaining);
  // Whatever does not speak of the image is judged by its own words, also where a limit is used up.
  const isOfImage = reply.kind === 'success' || OF_IMAGE.has(reply.verdict);
  if (limits.exhausted && isOfImage) parts.gate.spend(sent.key, limits.waitMs, sent.round);
  if (reply.kind === 'failure') return failed(reply, posted, sent, parts.gate);
  const { link, deletehash } = reply;
  if (posted.wholeSent) return { kind: 'uploaded', link, deletehash };
  const message = 'Imgur answered before it had the whole picture.';
  return { kind: 'failed', error: new RelayError('imgur_bad_response', message) };
}

function failed(
  reply: ImgurFailure,
  posted: Reply,
  sent: Sent,
  gate: JudgeParts['gate'],
): UploadOutcome {
  const { key, round, authorization } = sent;
  const secrets = [authorization.slice(authorization.indexOf(' ') + 1)];
  if (reply.verdict === 'rate_limited') {
    gate.pause(key, reply.waitMs, hideSecrets(reply.message, secrets), round);
    return { kind: 'paused' };
  }
  if (reply.verdict === 'token_refused' && sent.isRenewable) {
    return { kind: 'token_refused', authorization };
  }
  // A 200 means that the image was taken, even where its link is lost.
  const isTaken = reply.verdict === 'bad_response' && posted.status >= 200 && posted.status < 300;
  if (isTaken && !posted.complete) return lostAfterAll(null);
  const error = refusalError(reply, secrets);
  if (error.code === 'imgur_forbidden') gate.forbid(key, error);
  if (error.code === 'imgur_auth') gate.doubt(key, error, round);
  return isTaken ? mayBeThere(error.code, error.message, error.cause) : { kind: 'failed', error };
}

function lostConnection({
  cause,
  begun,
  isStale,
}: Extract<Posted, { kind: 'lost' }>): UploadOutcome {
  if (begun && !isStale) return lostAfterAll(cause);
  const message = begun
    ? 'Imgur closed the connection before it had the picture.'
    : 'No connection to Imgur could be made.';
  const error = new RelayError('imgur_unavailable', message, { cause });
  return { kind: begun ? 'unsent' : 'failed', error };
}

/** How much of the image Imgur has, nobody can tell. */
function lostAfterAll(cause: unknown): UploadOutcome {
  const message = 'The connection to Imgur was lost in mid-upload; Imgur may have the image.';
  return mayBeThere('imgur_unavailable', message, cause);
}

/** What ends an upload that was cancelled: by a time limit, a cancelled job, or a stop. */
function cutOff(reason: Error, wholeSent: boolean): UploadOutcome {
  const error = relayErrorOf(reason);
  if (!wholeSent) return { kind: 'failed', error };
  if (error.code === 'imgur_timeout') return mayBeThere(error.code, error.message, reason);
  return { kind: 'failed', error, possibleDuplicate: true };
}

/** A failure after which one more try is all that may be: it can make a duplicate. */
function mayBeThere(code: RelayError['code'], message: string, cause: unknown): UploadOutcome {
  const error = new RelayError(code, message, { maxAttempts: 2, cause });
  return { kind: 'failed', error, possibleDuplicate: true };
}
