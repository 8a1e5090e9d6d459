import { buffer } from 'node:stream/consumers';
import { Cancellation } from '../cancellation';
import { RelayError } from '../errors';
import type { UploadImage } from '../imgur/client';
import { isStale } from '../imgur/stale-connection';
import { isTokenRefused } from '../imgur/token-refused';
import type { Relay, RelayInput, Relayed } from '../jobs/relay';
import { parseSourceUrl } from '../net/source-url';
import type { OpenSource, Source } from './download';
import { filenameOf } from './filename';
import { openPicture } from './open-picture';
import type { Picture, PictureListener } from './picture';
import { TimeLimit } from './time-limit';

export interface TransferParts {
  readonly openSource: OpenSource;
  readonly upload: (image: UploadImage) => Promise<{ link: string }>;
  /** Resolves once there is a new token in the place of a refused one. */
  readonly refresh: (refusedAuthorization: string, cancellation: Cancellation) => Promise<void>;
  /** What an image fails with whose new token was refused as well. */
  readonly refusedAgain: () => RelayError;
  readonly maxImageBytes: number;
  readonly stallTimeoutMs: number;
  readonly downloadTimeoutMs: number;
  readonly uploadTimeoutMs: number;
  readonly observer?: TransferObserver;
}

/** Hears what each attempt took; it must be quick and not throw. */
export interface TransferObserver {
  /** Bytes of a picture that its source has sent in one attempt. */
  bytesRead(bytes: number): void;
  /** For how long either side was waited for; 0 for one that was never turned to. */
  transferEnded(outcome: 'complete' | 'failed', sourceMs: number, imgurMs: number): void;
}

/**
 * Brings one image from its source to Imgur, once. Where the source announces a length, the bytes
 * go on while they arrive; without one they are kept until the end is known.
 *
 * Throws a RelayError, what `upload` throws, or the reason of the cancellation.
 */
export function createTransfer(parts: TransferParts): Relay {
  return async function relay(image, cancellation) {
    try {
      return await attemptWhole(image, cancellation);
    } catch (error) {
      if (!isTokenRefused(error)) throw error;
      return attemptWithNewToken(image, cancellation, error.authorization);
    }
  };

  /** The bytes have gone with the refused upload, so the source is fetched again. */
  async function attemptWithNewToken(
    image: RelayInput,
    cancellation: Cancellation,
    refused: string,
  ): Promise<Relayed> {
    await parts.refresh(refused, cancellation);
    try {
      return await attemptWhole(image, cancellation);
    } catch (error) {
      throw isTokenRefused(error) ? parts.refusedAgain() : error;
    }
  }

  /** What ended because its connection had been closed before was no attempt, the first time. */
  async function attemptWhole(image: RelayInput, cancellation: Cancellation): Promise<Relayed> {
    try {
      return await attempt(image, cancellation);
    } catch (error) {
      if (!isStale(error)) throw error;
      return attempt(image, cancellation);
    }
  }

  async function attempt(image: RelayInput, outer: Cancellation): Promise<Relayed> {
    outer.throwIfCancelled();
    const parsed = parseSourceUrl(image.url);
    // Submission has refused such a URL already, so this is a defect and not the client's fault.
    if (!parsed.ok) throw new Error(parsed.problem);

    // Of its own, as it ends here even where the image is tried anew at once.
    const cancellation = new Cancellation();
    outer.onCancel((reason) => cancellation.cancel(reason));
    const limits = createLimits(parts, cancellation);
    let outcome: 'complete' | 'failed' = 'failed';
    try {
      limits.source.resume();
      const onAnswer = (): void => limits.source.progress();
      const source = await parts.openSource(parsed.url, cancellation, onAnswer);
      const relayed = await pass(source, image.clientId, cancellation, limits);
      outcome = 'complete';
      return relayed;
    } catch (error) {
      throw endOf(error, cancellation.reason);
    } finally {
      limits.source.stop();
      limits.imgur.stop();
      // Ends what is left of either side, as after an early refusal.
      if (outcome === 'failed') cancellation.cancel(DONE);
      parts.observer?.transferEnded(outcome, limits.source.spentMs, limits.imgur.spentMs);
    }
  }

  async function pass(
    source: Source,
    clientId: string | null,
    cancellation: Cancellation,
    limits: Limits,
  ): Promise<Relayed> {
    const listener: PictureListener = {
      arrived: () => limits.source.progress(),
      full() {
        limits.source.pause();
        limits.imgur.resume();
      },
      wanted() {
        limits.imgur.pause();
        limits.source.resume();
      },
      // A picture that turns out to be none must not arrive whole: the upload is cut off.
      broken: (error) => cancellation.cancel(error),
    };
    const picture = await openPicture(source, parts.maxImageBytes, listener, cancellation);
    try {
      return await passPicture(picture, source, clientId, cancellation);
    } finally {
      parts.observer?.bytesRead(picture.bytes);
    }
  }

  async function passPicture(
    picture: Picture,
    { announcedBytes, url }: Source,
    clientId: string | null,
    cancellation: Cancellation,
  ): Promise<Relayed> {
    const { mime: type, extension } = picture.type;
    const envelope = { type, filename: filenameOf(url, extension), clientId, cancellation };

    if (announcedBytes === null) {
      const body = await buffer(picture);
      const { link } = await parts.upload({ ...envelope, body, bytes: body.length });
      return { link, bytes: body.length, type };
    }
    const { link } = await parts.upload({ ...envelope, body: picture, bytes: announcedBytes });
    return { link, bytes: announcedBytes, type };
  }
}

/**
 * Whatever a cancellation broke on its way: its reason is why it broke. An error that has the reason
 * as its cause says more than that.
 */
function endOf(error: unknown, reason: Error | null): unknown {
  const knowsReason = error instanceof Error && error.cause === reason;
  return reason === null || knowsReason ? error : reason;
}

/** Tells the end of a transfer from every other cancellation. Nothing listens for it any more. */
const DONE = new Error('the transfer is over');

interface Limits {
  readonly source: TimeLimit;
  readonly imgur: TimeLimit;
}

function createLimits(parts: TransferParts, cancellation: Cancellation): Limits {
  const { stallTimeoutMs, downloadTimeoutMs, uploadTimeoutMs } = parts;
  return {
    source: new TimeLimit(downloadTimeoutMs, stallTimeoutMs, (limit) => {
      const what =
        limit === 'stall'
          ? `sent nothing for ${seconds(stallTimeoutMs)}`
          : `took more than ${seconds(downloadTimeoutMs)}`;
      cancellation.cancel(new RelayError('download_timeout', `The source ${what}.`));
    }),
    imgur: new TimeLimit(uploadTimeoutMs, Infinity, () => {
      const message = `Imgur took more than ${seconds(uploadTimeoutMs)} to take the picture.`;
      cancellation.cancel(new RelayError('imgur_timeout', message));
    }),
  };
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
