import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { isRelayError, RelayError } from '../errors';
import type { UploadImage } from '../imgur/client';
import { isTokenRefused } from '../imgur/token-refused';
import type { Relay, RelayInput, Relayed } from '../jobs/relay';
import { parseSourceUrl } from '../net/source-url';
import type { OpenSource, Source } from './download';
import { filenameOf } from './filename';
import { openPicture, type Picture } from './picture';
import { createTimeLimit, type TimeLimit } from './time-limit';

export interface TransferParts {
  readonly openSource: OpenSource;
  readonly upload: (image: UploadImage) => Promise<{ link: string }>;
  /** Gets a new token in the place of a refused one; false if there is none to be had. */
  readonly refresh: (refusedAuthorization: string) => Promise<boolean>;
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

/** Memory for each image under way: one read of a socket waits here for Imgur to take it. */
const BUFFER_BYTES = 65_536;

/**
 * Brings one image from its source to Imgur, once. Where the source announces a length, the bytes
 * go on while they arrive; without one they are kept until the end is known.
 *
 * Throws a RelayError, what `upload` throws, or the signal's reason once it is aborted.
 */
export function createTransfer(parts: TransferParts): Relay {
  return async function relay(image, signal) {
    try {
      return await attempt(image, signal);
    } catch (error) {
      if (!isTokenRefused(error)) throw error;
      return attemptWithNewToken(image, signal, error.authorization);
    }
  };

  /** The bytes have gone with the refused upload, so the source is fetched again. */
  async function attemptWithNewToken(
    image: RelayInput,
    signal: AbortSignal,
    refused: string,
  ): Promise<Relayed> {
    try {
      if (await parts.refresh(refused)) return await attempt(image, signal);
    } catch (error) {
      if (!isTokenRefused(error)) throw error;
    }
    throw new RelayError(
      'imgur_auth',
      'Imgur refused the access token, and a new one did not help.',
    );
  }

  async function attempt(image: RelayInput, signal: AbortSignal): Promise<Relayed> {
    signal.throwIfAborted();
    const parsed = parseSourceUrl(image.url);
    // Submission has refused such a URL already, so this is a defect and not the client's fault.
    if (!parsed.ok) throw new Error(parsed.problem);

    const controller = new AbortController();
    const abort = (): void => controller.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    const limits = createLimits(parts, controller);
    let outcome: 'complete' | 'failed' = 'failed';
    try {
      limits.source.resume();
      const source = await parts.openSource(parsed.url, controller.signal);
      const relayed = await pass(source, image.clientId, controller, limits);
      outcome = 'complete';
      return relayed;
    } catch (error) {
      // Whatever the abort broke on its way: its reason is why it broke.
      throw controller.signal.aborted ? controller.signal.reason : error;
    } finally {
      limits.source.pause();
      limits.imgur.pause();
      signal.removeEventListener('abort', abort);
      // Ends what is left of either side, as after an early refusal.
      if (outcome === 'failed') controller.abort(DONE);
      parts.observer?.transferEnded(outcome, limits.source.spentMs, limits.imgur.spentMs);
    }
  }

  async function pass(
    source: Source,
    clientId: string | null,
    controller: AbortController,
    limits: Limits,
  ): Promise<Relayed> {
    const picture = await openPicture(source, parts.maxImageBytes, () => limits.source.progress());
    try {
      return await passPicture(picture, source, clientId, controller, limits);
    } finally {
      parts.observer?.bytesRead(picture.bytes);
    }
  }

  async function passPicture(
    picture: Picture,
    { announcedBytes, url }: Source,
    clientId: string | null,
    controller: AbortController,
    limits: Limits,
  ): Promise<Relayed> {
    const { signal } = controller;
    const { mime: type, extension } = picture.type;
    const envelope = { type, filename: filenameOf(url, extension), clientId, signal };

    if (announcedBytes === null) {
      const body = await collect(picture);
      limits.source.pause();
      limits.imgur.resume();
      const { link } = await parts.upload({ ...envelope, body, bytes: body.length });
      return { link, bytes: body.length, type };
    }

    const body = new PassThrough({ highWaterMark: BUFFER_BYTES });
    // To be cut off is an error to the stream, also when nobody reads it any more.
    body.on('error', () => undefined);
    const sent = send(picture, body, limits, signal);
    // A picture that turns out to be none must not arrive whole: the upload is cut off.
    sent.catch((error: unknown) => controller.abort(error));
    const { link } = await parts.upload({ ...envelope, body, bytes: announcedBytes });
    if (picture.bytes < announcedBytes) {
      throw new RelayError('imgur_bad_response', 'Imgur answered before it had the whole picture.');
    }
    await sent;
    return { link, bytes: announcedBytes, type };
  }
}

/** Tells the end of a transfer from every other abort. Nothing listens for it any more. */
const DONE = new Error('the transfer is over');

interface Limits {
  readonly source: TimeLimit;
  readonly imgur: TimeLimit;
}

function createLimits(parts: TransferParts, controller: AbortController): Limits {
  const { stallTimeoutMs, downloadTimeoutMs, uploadTimeoutMs } = parts;
  return {
    source: createTimeLimit(downloadTimeoutMs, stallTimeoutMs, (limit) => {
      const what =
        limit === 'stall'
          ? `sent nothing for ${seconds(stallTimeoutMs)}`
          : `took more than ${seconds(downloadTimeoutMs)}`;
      controller.abort(new RelayError('download_timeout', `The source ${what}.`));
    }),
    imgur: createTimeLimit(uploadTimeoutMs, Infinity, () => {
      const message = `Imgur took more than ${seconds(uploadTimeoutMs)} to take the picture.`;
      controller.abort(new RelayError('imgur_timeout', message));
    }),
  };
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}

/** Writes the picture into `body` as it arrives, no faster than Imgur takes it. */
async function send(
  picture: Picture,
  body: PassThrough,
  limits: Limits,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const chunk of picture.chunks) {
      if (body.write(chunk)) continue;
      limits.source.pause();
      limits.imgur.resume();
      await once(body, 'drain', { signal });
      limits.imgur.pause();
      limits.source.resume();
    }
    limits.source.pause();
    limits.imgur.resume();
    body.end();
  } catch (error) {
    const reason = error instanceof Error ? error : new Error('the picture broke off');
    body.destroy(reason);
    throw isRelayError(error) ? error : reason;
  }
}

async function collect(picture: Picture): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of picture.chunks) chunks.push(chunk);
  return Buffer.concat(chunks);
}
