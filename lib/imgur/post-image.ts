import http, { type Agent, type ClientRequest, type IncomingHttpHeaders } from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Cancellation } from '../cancellation';
import { RelayError } from '../errors';
import { boundInformational } from '../net/bound-informational';
import { requestTarget } from '../net/request-target';
import { frameImage } from './form-framing';
import { readReply } from './read-reply';

/** One image on its way to Imgur. */
export interface ImageUpload {
  /** A stream may still be filling. It stays the caller's: to be destroyed when all is over. */
  body: Readable | Buffer;
  bytes: number;
  /** A MIME type. */
  type: string;
  /** Without quotes or line breaks. */
  filename: string;
  /** Ends the upload; carries every time limit. */
  cancellation: Cancellation;
}

export type Posted =
  | {
      kind: 'reply';
      status: number;
      headers: IncomingHttpHeaders;
      text: string;
      /** False if the connection was lost amid the answer. */
      complete: boolean;
      /** Whether the image was on its way as a whole when the answer came. */
      wholeSent: boolean;
    }
  | {
      kind: 'lost';
      cause: unknown;
      /** Whether the upload had begun, so that Imgur may have it. */
      begun: boolean;
    };

/** Bytes that wait for Imgur to take them before the image is asked for no more. */
const MAX_WAITING_BYTES = 65_536;

export type PostImage = (image: ImageUpload, authorization: string) => Promise<Posted>;

/**
 * Posts images as multipart/form-data with a Content-Length, whatever the body: whether Imgur takes
 * chunked ones is not established. Sends neither Origin nor Referer, for which Imgur answers 403
 * where they name localhost. Follows no redirect.
 *
 * An answer that comes before the body was sent whole counts, and ends the sending.
 *
 * By `node:http` and not by node-fetch, which costs twice the CPU, and hides whether a request was
 * sent whole and whether its answer was.
 *
 * Rejects with the reason of the cancellation, and with the error of a body that breaks off.
 *
 * @param url of the endpoint.
 * @param agent a keep-alive agent of the URL's scheme.
 */
export function createPostImage(url: string, agent: Agent, userAgent: string): PostImage {
  const parsed = new URL(url);
  const target = { ...requestTarget(parsed), method: 'POST', agent };
  const ownHeaders = [
    ...['Host', parsed.host],
    ...['User-Agent', userAgent],
    ...['Accept', 'application/json'],
  ];
  const { request: openRequest } = parsed.protocol === 'https:' ? https : http;

  /** @param authorization the header's value; '' for none. */
  return function postImage(image, authorization) {
    const { contentType, head, tail } = frameImage(image.type, image.filename);
    const length = head.length + image.bytes + tail.length;
    const headers = [
      ...ownHeaders,
      ...['Content-Type', contentType],
      ...['Content-Length', String(length)],
      ...(authorization === '' ? [] : ['Authorization', authorization]),
    ];
    return new Promise((resolve, reject) => {
      image.cancellation.throwIfCancelled();
      throwIfBroken(image.body);
      const request = openRequest({ ...target, headers });
      exchange(request, image, [head, tail], resolve, reject);
    });
  };
}

function exchange(
  request: ClientRequest,
  image: ImageUpload,
  [head, tail]: readonly [string, string],
  resolve: (posted: Posted) => void,
  reject: (reason: Error) => void,
): void {
  const { body, cancellation } = image;
  let isBegun = false;
  let isSettled = false;
  let isAnswered = false;

  cancellation.onCancel(fail);
  request.on('socket', (socket) => {
    const begin = (): void => void (isBegun = true);
    if (!socket.connecting) begin();
    else socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', begin);
  });
  request.on('response', (response) => {
    isAnswered = true;
    if (!Buffer.isBuffer(body)) body.pause();
    const wholeSent = request.writableFinished;
    void readReply(response).then(({ text, complete }) => {
      const { statusCode: status = 0, headers } = response;
      settle({ kind: 'reply', status, headers, text, complete, wholeSent });
      // Unless both sides are through, the connection cannot serve the next request. The answer must
      // have been read to its end: one that was only received keeps its connection for ever.
      if (!response.readableEnded || !request.writableFinished) request.destroy();
    });
  });
  // After an answer has begun, its reader sees what becomes of it.
  const lose = (cause: unknown): void => {
    if (!isAnswered) settle({ kind: 'lost', cause, begun: isBegun });
  };
  request.on('error', lose);
  boundInformational(request, () => {
    settle({
      kind: 'lost',
      cause: new Error('Imgur sent one informational answer after the other'),
      begun: isBegun,
    });
    request.destroy();
  });
  // All that Node says of a connection that ends with status 101 (`upgrade`).
  request.once('close', () => lose(null));

  if (Buffer.isBuffer(body)) {
    request.write(head, 'latin1');
    request.write(body);
    request.end(tail);
  } else {
    send(body);
  }

  function send(stream: Readable): void {
    let count = 0;
    stream.on('data', (chunk: Buffer) => {
      // To write on after an answer, or after the end of all, could break the answer.
      if (isAnswered || isSettled) return;
      count += chunk.length;
      if (count > image.bytes) {
        fail(mismatch('more'));
        return;
      }
      // All writes of one turn go out as one: by itself, the head would cost a call of the system.
      if (count === chunk.length) request.write(head, 'latin1');
      request.write(chunk);
      // Goes out together with the last bytes of the image.
      if (count === image.bytes) request.end(tail);
      else if (request.writableLength > MAX_WAITING_BYTES) stream.pause();
    });
    request.on('drain', () => {
      if (!isAnswered) stream.resume();
    });
    stream.once('end', () => {
      if (count < image.bytes) fail(mismatch('fewer'));
    });
    stream.on('error', fail);
    stream.once('close', () => {
      // A stream that was destroyed without an error never ends.
      if (count < image.bytes) fail(stream.errored ?? mismatch('fewer'));
    });
  }

  function settle(posted: Posted): void {
    if (isSettled) return;
    isSettled = true;
    resolve(posted);
  }

  function fail(reason: Error): void {
    if (isSettled) return;
    isSettled = true;
    reject(reason);
    request.destroy();
  }
}

/** A stream that is over already would never say so again. */
function throwIfBroken(body: Readable | Buffer): void {
  if (!Buffer.isBuffer(body) && body.destroyed) throw body.errored ?? mismatch('fewer');
}

function mismatch(what: 'more' | 'fewer'): RelayError {
  return new RelayError('truncated', `The source sent ${what} bytes than it announced.`);
}
