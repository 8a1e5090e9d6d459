import { isRelayError, RelayError } from '../errors';
import { parseImgurReply, type ImgurFailure, type Verdict } from './error-parser';
import type { Posted } from './image-upload';
import { markMayBeDuplicate } from './possible-duplicate';
import type { RateGate } from './rate-gate';
import { readRateHeaders } from './rate-headers';
import { hideSecrets, refusalError } from './refusal';
import { markStale } from './stale-connection';
import { TokenRefused } from './token-refused';
import { UploadPaused } from './upload-paused';

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

/** The link of an upload, or what it failed with; see `ImgurClient`. Tells the gate. */
export function judgePosted(posted: Posted, sent: Sent, parts: JudgeParts): { link: string } {
  if (posted.kind === 'lost') throw lostConnection(posted);
  if (posted.kind === 'cancelled') throw cutOff(posted.reason, posted.wholeSent);
  const { status, headers, text } = posted;
  const reply = parseImgurReply(status, headers, text);
  const limits = readRateHeaders(headers);
  if (sent.isConfigured && limits.remaining !== null) parts.onRemaining?.(limits.remaining);
  // Whatever does not speak of the image is judged by its own words, also where a limit is used up.
  const isOfImage = reply.kind === 'success' || OF_IMAGE.has(reply.verdict);
  if (limits.exhausted && isOfImage) parts.gate.spend(sent.key, limits.waitMs, sent.round);
  if (reply.kind === 'failure') throw failed(reply, posted, sent, parts.gate);
  if (posted.wholeSent) return { link: reply.link };
  throw new RelayError('imgur_bad_response', 'Imgur answered before it had the whole picture.');
}

function failed(reply: ImgurFailure, posted: Reply, sent: Sent, gate: JudgeParts['gate']): Error {
  const { key, round, authorization } = sent;
  const secrets = [authorization.slice(authorization.indexOf(' ') + 1)];
  const words = hideSecrets(reply.message, secrets);
  if (reply.verdict === 'rate_limited') {
    gate.pause(key, reply.waitMs, words, round);
    return new UploadPaused(`Imgur asked for a pause: "${words}".`);
  }
  if (reply.verdict === 'token_refused' && sent.isRenewable) {
    return new TokenRefused(`Imgur refused the access token: "${words}".`, authorization);
  }
  // A 200 means that the image was taken, even where its link is lost.
  const isTaken = reply.verdict === 'bad_response' && posted.status >= 200 && posted.status < 300;
  if (isTaken && !posted.complete) return lostAfterAll(null);
  const error = refusalError(reply, secrets);
  if (error.code === 'imgur_forbidden') gate.forbid(key, error);
  if (error.code === 'imgur_auth') gate.doubt(key, error, round);
  return isTaken ? mayBeThere(error.code, error.message, undefined) : error;
}

function lostConnection({ cause, begun, isStale }: Extract<Posted, { kind: 'lost' }>): RelayError {
  if (!begun) {
    const message = 'No connection to Imgur could be made.';
    return new RelayError('imgur_unavailable', message, { cause });
  }
  if (!isStale) return lostAfterAll(cause);
  const message = 'Imgur closed the connection before it had the picture.';
  return markStale(new RelayError('imgur_unavailable', message, { cause }));
}

/** How much of the image Imgur has, nobody can tell. */
function lostAfterAll(cause: unknown): RelayError {
  const message = 'The connection to Imgur was lost in mid-upload; Imgur may have the image.';
  return mayBeThere('imgur_unavailable', message, cause);
}

/** What ends an upload that was cancelled: the reason, which says more if it is a time limit. */
function cutOff(reason: Error, wholeSent: boolean): Error {
  if (!wholeSent || !isRelayError(reason) || reason.code !== 'imgur_timeout') return reason;
  return mayBeThere(reason.code, reason.message, reason);
}

/** An error after which one more try is all that may be: it can make a duplicate. */
function mayBeThere(code: RelayError['code'], message: string, cause: unknown): RelayError {
  return markMayBeDuplicate(new RelayError(code, message, { maxAttempts: 2, cause }));
}
