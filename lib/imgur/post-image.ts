import type { Agent } from 'node:http';
import { finished, type Readable } from 'node:stream';
import FormData from 'form-data';
import fetch, { type Headers, type RequestInit } from 'node-fetch';
import { RelayError } from '../errors';
import { readReply } from './read-reply';
import { UploadBody, type Framing } from './upload-body';

/** One image on its way to Imgur. */
export interface ImageUpload {
  /** A stream may still be filling. It stays the caller's: to be destroyed when all is over. */
  body: Readable | Buffer;
  bytes: number;
  /** A MIME type. */
  type: string;
  filename: string;
  /** Ends the upload; carries every time limit. */
  signal: AbortSignal;
}

export type Posted =
  | {
      kind: 'reply';
      status: number;
      headers: Headers;
      text: string;
      /** False if the connection was lost amid the answer. */
      complete: boolean;
    }
  | {
      kind: 'lost';
      cause: unknown;
      /** Whether the upload had begun, so that Imgur may have it. */
      begun: boolean;
    };

/**
 * Posts an image as multipart/form-data with a Content-Length, whatever the body: whether Imgur
 * takes chunked ones is not established. Sends neither Origin nor Referer, for which Imgur answers
 * 403 where they name localhost. Follows no redirect.
 *
 * An answer that comes before the body was sent whole counts, and ends the sending.
 *
 * Throws the signal's reason once it is aborted, and the error of a body that breaks off.
 *
 * @param authorization the header's value; '' for none.
 */
export async function postImage(
  url: string,
  image: ImageUpload,
  authorization: string,
  agent: Agent,
): Promise<Posted> {
  const { signal } = image;
  const { headers: formHeaders, framing } = frame(image);
  const length = framing.head.length + image.bytes + framing.tail.length;
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  let broken: { error: unknown } | null = null;
  const fail = (error: unknown): void => {
    broken ??= { error };
    stop();
  };
  let answer: NodeJS.ReadWriteStream | null = null;
  let isCut = false;
  const body = new UploadBody(image.body, image.bytes, framing, () => {
    isCut = true;
    // Ends the reading with what has arrived.
    answer?.end();
  });

  signal.throwIfAborted();
  signal.addEventListener('abort', stop, { once: true });
  body.on('error', fail);
  const unwatch = Buffer.isBuffer(image.body) ? null : watch(image.body, fail);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        ...formHeaders,
        'Content-Length': String(length),
        Accept: 'application/json',
        ...(authorization === '' ? {} : { Authorization: authorization }),
      },
      body,
      agent,
      redirect: 'manual',
      compress: false,
      signal: abort.signal as NonNullable<RequestInit['signal']>,
    });
    body.hold();
    // A PassThrough behind the socket: to end it is all that node-fetch leaves out.
    answer = response.body as NodeJS.ReadWriteStream;
    const { text, complete } = await readReply(answer);
    throwWhatBroke();
    const { status, headers } = response;
    return { kind: 'reply', status, headers, text, complete: complete && !isCut };
  } catch (cause) {
    throwWhatBroke();
    return { kind: 'lost', cause, begun: body.isBegun };
  } finally {
    signal.removeEventListener('abort', stop);
    unwatch?.();
    body.release();
  }

  function throwWhatBroke(): void {
    signal.throwIfAborted();
    if (broken) throw broken.error;
  }
}

/**
 * What form-data puts around an image. It encodes the form without the image, which is then sent
 * between the two: form-data's own streams would cost more than the rest of the upload.
 *
 * `type` goes first, so that a reader of the stream knows how to take the image.
 */
function frame({ type, filename }: ImageUpload): {
  headers: Record<string, string>;
  framing: Framing;
} {
  const form = new FormData();
  form.append('type', 'file');
  form.append('image', NOTHING, { filename, contentType: type });
  const encoded = form.getBuffer();
  const tailStart = encoded.length - `\r\n--${form.getBoundary()}--\r\n`.length;
  const [head, tail] = [encoded.subarray(0, tailStart), encoded.subarray(tailStart)];
  return { headers: form.getHeaders(), framing: { head, tail } };
}

const NOTHING = Buffer.alloc(0);

/** A stream that was destroyed without an error never ends. */
function watch(body: Readable, fail: (error: unknown) => void): () => void {
  return finished(body, { writable: false }, (error) => {
    if (error?.code === 'ERR_STREAM_PREMATURE_CLOSE') {
      fail(new RelayError('truncated', 'The image broke off before its end.', { cause: error }));
    } else if (error) {
      fail(error);
    }
  });
}
