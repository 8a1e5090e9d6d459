import type { Agent } from 'node:http';
import { unlessCancelled, type Cancellation } from '../cancellation';
import { isRelayError, RelayError } from '../errors';
import type { Logger } from '../logger';
import { DEFAULT_KEY } from './credential-key';
import type { Credentials } from './credentials';
import type { ImageUpload } from './image-upload';
import { judgePosted } from './judge-posted';
import { mayBeDuplicate } from './possible-duplicate';
import { createPostImage } from './post-image';
import type { RateGate } from './rate-gate';

export { mayBeDuplicate } from './possible-duplicate';
export { isStale } from './stale-connection';
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
   * @throws {RelayError} if the image failed; `mayBeDuplicate` tells whether Imgur may have it, and
   *   `isStale` that it was not tried at all, as the connection had been closed before.
   * @throws {UploadPaused} if Imgur asked for a pause: the gate is closed, the image may wait.
   * @throws {TokenRefused} if the access token was refused and `refresh` may get another.
   * @throws the reason of the cancellation, or a RelayError with it as the cause; and what the
   *   image's stream broke off with, unchanged.
   */
  readonly upload: (image: UploadImage) => Promise<{ link: string }>;
  /**
   * After `TokenRefused`: resolves once another token is in force.
   *
   * @throws {RelayError} `imgur_auth` if Imgur refuses that as well: then the gate is closed; or
   *   what passes.
   * @throws the reason of the cancellation, at once. The refresh goes on for the others.
   */
  readonly refresh: (refusedAuthorization: string, cancellation: Cancellation) => Promise<void>;
  /** What an image fails with whose new token was refused like the one before. Tells the gate. */
  readonly refusedAgain: () => RelayError;
}

export interface ImgurClientParts {
  /** Base of Imgur's API without a trailing slash. */
  apiUrl: string;
  credentials: Pick<Credentials, 'authorization' | 'key' | 'isRenewable' | 'refresh'>;
  gate: Pick<RateGate, 'pause' | 'spend' | 'forbid' | 'doubt' | 'refuse' | 'round'>;
  /** A keep-alive agent of the scheme of `apiUrl`. */
  agent: Agent;
  /** Sent to Imgur as the User-Agent. */
  userAgent: string;
  log: Logger;
  /** Told how many uploads the configured credential has left, whenever Imgur says so. */
  onRemaining?: (uploads: number) => void;
  /** Milliseconds of a clock that is never set. */
  now?: () => number;
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
  const postImage = createPostImage(`${apiUrl}/3/image`, agent, userAgent, parts.now);

  return {
    async upload(image) {
      const { clientId, cancellation } = image;
      const key = credentials.key(clientId);
      const round = gate.round(key);
      const authorization = await ask(credentials.authorization(clientId), cancellation);
      const posted = await postImage(image, authorization);
      const isConfigured = clientId === null;
      const isRenewable = credentials.isRenewable(authorization);
      try {
        const sent = { key, round, authorization, isConfigured, isRenewable };
        return judgePosted(posted, sent, parts);
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

    async refresh(refusedAuthorization, cancellation) {
      await ask(credentials.refresh(refusedAuthorization), cancellation);
    },

    refusedAgain() {
      const message = 'Imgur refused the access token, and a new one did not help.';
      const error = new RelayError('imgur_auth', message);
      gate.doubt(DEFAULT_KEY, error);
      return error;
    },
  };

  /** A token, or the refresh of one, of the configured credential. */
  async function ask<T>(answer: Promise<T>, cancellation: Cancellation): Promise<T> {
    try {
      return await unlessCancelled(answer, cancellation);
    } catch (error) {
      if (isRelayError(error)) tellGate(error);
      throw error;
    }
  }

  /** Until its token is had, an upload costs nothing but its source; still, others need not try. */
  function tellGate(error: RelayError): void {
    if (error.code === 'imgur_forbidden') gate.forbid(DEFAULT_KEY, error);
    if (error.code !== 'imgur_auth') return;
    if (error.retryable) gate.doubt(DEFAULT_KEY, error);
    else gate.refuse(DEFAULT_KEY, error);
  }
}
