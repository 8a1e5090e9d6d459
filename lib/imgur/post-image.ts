import type { Agent } from 'node:http';
import { finished, type Readable } from 'node:stream';
import FormData from 'form-data';
import fetch, { type Headers, type RequestInit } from 'node-fetch';
import { RelayError } from '../errors';
import { readReply } from './read-reply';
import { UploadBody } from './upload-body';

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
      /** Whether Imgur may have the whole image. */
      sent: boolean;
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
  const form = formOf(image);
  const length = form.getLengthSync();
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  let broken: { error: unknown } | null = null;
  const fail = (error: unknown): void => {
    broken ??= { error };
    stop();
  };
  let answer: NodeJS.ReadWriteStream | null = null;
  let isCut = false;
  const body = new UploadBody(length, () => {
    isCut = true;
    // Ends the reading with what has arrived.
    answer?.end();
  });

  signal.throwIfAborted();
  signal.addEventListener('abort', stop, { once: true });
  form.on('error', fail);
  body.on('error', fail);
  const unwatch = Buffer.isBuffer(image.body) ? null : watch(image.body, fail);
  form.pipe(body);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        ...form.getHeaders(),
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
    return { kind: 'lost', cause, sent: body.isSent };
  } finally {
    signal.removeEventListener('abort', stop);
    unwatch?.();
    form.pause();
    body.release();
  }

  function throwWhatBroke(): void {
    signal.throwIfAborted();
    if (broken) throw broken.error;
  }
}

/** `type` goes first, so that a reader of the stream knows how to take the image. */
function formOf({ body, bytes, type, filename }: ImageUpload): FormData {
  const form = new FormData();
  form.append('type', 'file');
  form.append('image', body, { filename, contentType: type, knownLength: bytes });
  return form;
}

/** form-data waits for ever for a stream that was destroyed without an error. */
function watch(body: Readable, fail: (error: unknown) => void): () => void {
  return finished(body, { writable: false }, (error) => {
    if (error?.code === 'ERR_STREAM_PREMATURE_CLOSE') {
      fail(new RelayError('truncated', 'The image broke off before its end.', { cause: error }));
    } else if (error) {
      fail(error);
    }
  });
}
