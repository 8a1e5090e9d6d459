import type { Agent } from 'node:http';
import { unlessCancelled } from '../cancellation';
import { RelayError } from '../errors';
import type { Logger } from '../logger';
import type { Credentials } from './credentials';
import { parseImgurReply } from './error-parser';
import { markMayBeDuplicate, mayBeDuplicate } from './possible-duplicate';
import { createPostImage, type ImageUpload, type Posted } from './post-image';
import { readRateHeaders } from './rate-headers';
import type { RateGate } from './rate-gate';
import { hideSecrets, refusalError } from './refusal';
import { TokenRefused } from './token-refused';
import { UploadPaused } from './upload-paused';

export { mayBeDuplicate } from './possible-duplicate';
export { isTokenRefused } from './token-refused';
export { isUploadPaused } from './upload-paused';

export interface UploadImage extends ImageUpload {
  /** Uploads with this Imgur client ID instead of the configured credential. */
  clientId: string | null;
}

export interface ImgurClient {
  /**
   * Uploads the bytes of one image, once.
   *
   * @throws {RelayError} if the image failed; `mayBeDuplicate` tells whether Imgur may have it.
   * @throws {UploadPaused} if Imgur asked for a pause: the gate is closed, the image may wait.
   * @throws {TokenRefused} if the access token was refused.
   * @throws the reason of the cancellation, unchanged, and what the image's stream broke off with.
   */
  readonly upload: (image: UploadImage) => Promise<{ link: string }>;
}

export interface ImgurClientParts {
  /** Base of Imgur's API without a trailing slash. */
  apiUrl: string;
  credentials: Pick<Credentials, 'authorization' | 'key'>;
  gate: Pick<RateGate, 'pause' | 'forbid' | 'round'>;
  /** A keep-alive agent of the scheme of `apiUrl`. */
  agent: Agent;
  /** Sent to Imgur as the User-Agent. */
  userAgent: string;
  log: Logger;
  /** Told how many uploads the configured credential has left, whenever Imgur says so. */
  onRemaining?: (uploads: number) => void;
}

/**
 * @example
 * const imgur = createImgurClient({
 *   apiUrl: 'https://api.imgur.com', credentials, gate, agent, userAgent, log,
 * });
 * const { link } = await imgur.upload({
 *   body: png, bytes: png.length, type: 'image/png', filename: 'cat.png', clientId: null, cancellation,
 * });
 */
export function createImgurClient(parts: ImgurClientParts): ImgurClient {
  const { apiUrl, credentials, gate, agent, userAgent, log } = parts;
  const postImage = createPostImage(`${apiUrl}/3/image`, agent, userAgent);

  return {
    async upload(image) {
      const key = credentials.key(image.clientId);
      const round = gate.round(key);
      const waiting = credentials.authorization(image.clientId);
      const authorization = await unlessCancelled(waiting, image.cancellation);
      const posted = await postImage(image, authorization);
      try {
        return judge(posted, { key, round, authorization, isConfigured: image.clientId === null });
      } catch (error) {
        if (mayBeDuplicate(error)) {
          const { filename, bytes } = image;
          log.warn(
            { filename, bytes, possibleDuplicate: true },
            'Imgur may have the image already',
          );
        }
        throw error;
      }
    },
  };

  function judge(posted: Posted, sent: Sent): { link: string } {
    if (posted.kind === 'lost') throw lostConnection(posted.cause, posted.begun);
    const { status, headers, text } = posted;
    const { key, round, authorization, isConfigured } = sent;
    const secrets = [authorization.slice(authorization.indexOf(' ') + 1)];
    const reply = parseImgurReply(status, headers, text);
    const isRateLimited = reply.kind === 'failure' && reply.verdict === 'rate_limited';
    const limits = readRateHeaders(headers);
    if (isConfigured && limits.remaining !== null) parts.onRemaining?.(limits.remaining);
    if (limits.exhausted && !isRateLimited) {
      gate.pause(key, limits.waitMs, 'the last upload that the limit allows is done', round);
    }
    if (reply.kind === 'success') {
      if (posted.wholeSent) return { link: reply.link };
      const message = 'Imgur answered before it had the whole picture.';
      throw new RelayError('imgur_bad_response', message);
    }

    const words = hideSecrets(reply.message, secrets);
    if (isRateLimited) {
      gate.pause(key, reply.waitMs, words, round);
      throw new UploadPaused(`Imgur asked for a pause: "${words}".`);
    }
    if (reply.verdict === 'token_refused' && authorization.startsWith('Bearer ')) {
      throw new TokenRefused(`Imgur refused the access token: "${words}".`, authorization);
    }
    const error = refusalError(reply, secrets);
    if (reply.verdict === 'forbidden') gate.forbid(key, error);
    if (reply.verdict === 'bad_response' && status >= 200 && status < 300) {
      // A 200 means that the image was taken, even where its link is lost.
      throw posted.complete ? markMayBeDuplicate(error) : lostConnection(null, true);
    }
    throw error;
  }
}

/** What an upload began with. */
interface Sent {
  key: string;
  round: number;
  authorization: string;
  /** Whether the credential is the service's own, and not one that a job brought along. */
  isConfigured: boolean;
}

/** @param begun whether there was a connection: how much of the image Imgur has, nobody can tell. */
function lostConnection(cause: unknown, begun: boolean): RelayError {
  if (!begun) {
    const message = 'No connection to Imgur could be made.';
    return new RelayError('imgur_unavailable', message, { cause });
  }
  const message = 'The connection to Imgur was lost in mid-upload; Imgur may have the image.';
  return markMayBeDuplicate(
    new RelayError('imgur_unavailable', message, { maxAttempts: 2, cause }),
  );
}
