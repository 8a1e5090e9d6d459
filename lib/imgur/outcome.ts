import { addFacts } from '../cause';
import { RelayError, relayErrorOf } from '../errors';
import type { Outcome } from '../jobs/relay';
import type { Posted } from './exchange';
import { parseImgurReply, type ImgurFailure, type Verdict } from './parse-reply';
import type { RateGate } from './rate-gate';
import { readRateHeaders } from './read-reply';

/** What came of an upload. */
export type UploadOutcome =
  | { readonly kind: 'uploaded'; readonly link: string; readonly deletehash?: string | null }
  | Extract<Outcome, { kind: 'failed' }>
  /** Imgur asked for a pause, and the gate is closed: the image may wait. */
  | { readonly kind: 'paused' }
  | Unsettled;

/** An upload that is to be tried once more at once, as it was not the image's fault. */
export type Unsettled =
  /** The access token was refused, and another one may be had. */
  | { readonly kind: 'token_refused'; readonly authorization: string }
  /** The connection had been closed while it idled: Imgur cannot have the image. */
  | { readonly kind: 'unsent'; readonly error: RelayError };

/** What an upload began with. */
interface Sent {
  key: string;
  round: number;
  authorization: string;
  /** Whether the credential is the service's own, and not one that a job brought along. */
  isConfigured: boolean;
  /** Whether another token can be had in the place of a refused one. */
  isRenewable: boolean;
}

interface JudgeParts {
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

function lostConnection(posted: Extract<Posted, { kind: 'lost' }>): UploadOutcome {
  const { cause, begun, isStale } = posted;
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

/** The longest wait that an attempt honours; longer ones are the business of the rate gate. */
const MAX_RETRY_AFTER_MS = 30_000;
/** Shorter ones would blot out common words, and are none that somebody could guess from. */
const MIN_SECRET = 6;

/** What became of an image that Imgur refused, as a sentence with Imgur's own words in it. */
export function refusalError(
  failure: ImgurFailure,
  secrets: readonly string[] = [],
  what = 'the image',
): RelayError {
  const said = hideSecrets(failure.message, secrets);
  return addFacts(errorOf(failure, `"${said}"`, what), { status: failure.status, said });
}

function errorOf(failure: ImgurFailure, words: string, what: string): RelayError {
  switch (failure.verdict) {
    case 'rejected':
      return new RelayError('imgur_rejected', `Imgur refused ${what}: ${words}.`);
    case 'too_large':
      return new RelayError('too_large', `The image is too large for Imgur: ${words}.`);
    case 'auth':
    case 'token_refused':
      return new RelayError('imgur_auth', `Imgur refused the credential: ${words}.`);
    case 'bad_client_id':
      // Seen now and then with a right client ID, hence one or two more tries.
      return new RelayError('imgur_auth', `Imgur refused the client ID: ${words}.`, {
        retryable: true,
        maxAttempts: 3,
      });
    case 'forbidden':
      return new RelayError(
        'imgur_forbidden',
        `Imgur blocks this service's address, region or account: ${words}.`,
      );
    case 'flaky':
      return new RelayError('imgur_unavailable', `Imgur failed on the image: ${words}.`, {
        maxAttempts: 3,
      });
    case 'rate_limited':
    case 'unavailable':
      return new RelayError(
        'imgur_unavailable',
        `Imgur is not available just now (HTTP ${failure.status}): ${words}.`,
        failure.waitMs === null
          ? {}
          : { retryAfterMs: Math.min(failure.waitMs, MAX_RETRY_AFTER_MS) },
      );
    case 'bad_response':
      return new RelayError(
        'imgur_bad_response',
        `Imgur's answer (HTTP ${failure.status}) has no usable link: ${words}.`,
      );
  }
}

/** Replaces secrets, which an answer may repeat. */
function hideSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= MIN_SECRET)
    .reduce((hidden, secret) => hidden.replaceAll(secret, '***'), text);
}
