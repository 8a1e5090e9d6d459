import type { Agent } from 'node:http';
import { unlessCancelled, type Cancellation } from '../cancellation';
import { isRelayError, RelayError, relayErrorOf } from '../errors';
import type { Outcome } from '../jobs/relay';
import type { Credentials } from './credentials';
import type { ImageUpload } from './exchange';
import { judgePosted, type Unsettled, type UploadOutcome } from './outcome';
import { createPostImage } from './post-image';
import { DEFAULT_KEY, type RateGate } from './rate-gate';

export interface ImgurClient {
  /**
   * Uploads the bytes of one image, once.
   *
   * @returns what came of it; a cancellation, and what the image's stream broke off with, are
   *   failures too.
   */
  readonly upload: (image: ImageUpload) => Promise<UploadOutcome>;
  /**
   * Runs an attempt to upload an image, and once more where it was not the image's: the access
   * token was refused, and there is another one now; or its connection had been closed before.
   *
   * @param attempt opens the image anew, as what was sent is gone.
   * @throws what `attempt` throws; a RelayError, or the reason of the cancellation, if there is no
   *   other token. A refresh goes on for the others.
   */
  readonly persist: (
    attempt: () => Promise<Outcome | Unsettled>,
    cancellation: Cancellation,
  ) => Promise<Outcome>;
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
  /** Told how many uploads the configured credential has left, whenever Imgur says so. */
  onRemaining?: (uploads: number) => void;
  /** Milliseconds of a clock that is never set. */
  now?: () => number;
}

/**
 * @example
 * const imgur = createImgurClient({
 *   apiUrl: 'https://api.imgur.com', credentials, gate, agent, userAgent,
 * });
 * const { link } = await imgur.upload({
 *   body: png, bytes: png.length, type: 'image/png', filename: 'cat.png', clientId: null, cancellation,
 * });
 */
export function createImgurClient(parts: ImgurClientParts): ImgurClient {
  const { apiUrl, credentials, gate, agent, userAgent } = parts;
  const postImage = createPostImage(`${apiUrl}/3/image`, agent, userAgent, parts.now);

  return {
    async upload(image) {
      try {
        return await post(image);
      } catch (error) {
        return { kind: 'failed', error: relayErrorOf(error) };
      }
    },

    async persist(attempt, cancellation) {
      const first = await onceMoreIfUnsent(attempt);
      if (first.kind !== 'token_refused') return first;
      await ask(credentials.refresh(first.authorization), cancellation);
      const second = await onceMoreIfUnsent(attempt);
      return second.kind === 'token_refused' ? { kind: 'failed', error: refusedAgain() } : second;
    },
  };

  async function post(image: ImageUpload): Promise<UploadOutcome> {
    const { clientId, cancellation } = image;
    const key = credentials.key(clientId);
    const round = gate.round(key);
    const authorization = await ask(credentials.authorization(clientId), cancellation);
    const posted = await postImage(image, authorization);
    const isConfigured = clientId === null;
    const isRenewable = credentials.isRenewable(authorization);
    return judgePosted(posted, { key, round, authorization, isConfigured, isRenewable }, parts);
  }

  function refusedAgain(): RelayError {
    const message = 'Imgur refused the access token, and a new one did not help.';
    const error = new RelayError('imgur_auth', message);
    gate.doubt(DEFAULT_KEY, error);
    return error;
  }

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

async function onceMoreIfUnsent(
  attempt: () => Promise<Outcome | Unsettled>,
): Promise<Exclude<Outcome | Unsettled, { kind: 'unsent' }>> {
  const first = await attempt();
  if (first.kind !== 'unsent') return first;
  const second = await attempt();
  return second.kind === 'unsent' ? { kind: 'failed', error: second.error } : second;
}
