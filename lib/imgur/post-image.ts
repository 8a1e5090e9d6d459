import http, { type Agent, type ClientRequest } from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { RelayError } from '../errors';
import { boundInformational } from '../net/bound-informational';
import { isReset } from '../net/error-code';
import { requestTarget } from '../net/request-target';
import { frameImage } from './form-framing';
import { createIdleConnections, type IdleConnections } from './idle-connections';
import type { ImageUpload, Posted } from './image-upload';
import { readReply } from './read-reply';

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
 * By `node:http` and not by node-fetch 2, which hides whether a request was sent whole, hangs on one
 * whose source breaks off, and takes 1.5 times the CPU.
 *
 * A server closes connections that idle, and may do so in the moment in which one is used again.
 * What has arrived of that can be seen after one round of the event loop, and for so long nothing
 * is sent on a connection that has idled.
 *
 * Rejects with the error of a body that breaks off, and with the reason of a cancellation before
 * there was a request.
 *
 * @param url of the endpoint.
 * @param agent a keep-alive agent of the URL's scheme.
 * @param now milliseconds of a clock that is never set.
 */
export function createPostImage(
  url: string,
  agent: Agent,
  userAgent: string,
  now?: () => number,
): PostImage {
  const parsed = new URL(url);
  const target = { ...requestTarget(parsed), method: 'POST', agent };
  const ownHeaders = [
    ...['Host', parsed.host],
    ...['User-Agent', userAgent],
    ...['Accept', 'application/json'],
  ];
  const connections = createIdleConnections(agent, now);
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
      exchange(request, connections, image, [head, tail], resolve, reject);
    });
  };
}

function exchange(
  request: ClientRequest,
  connections: IdleConnections,
  image: ImageUpload,
  [head, tail]: readonly [string, string],
  resolve: (posted: Posted) => void,
  reject: (reason: Error) => void,
): void {
  const { body, cancellation } = image;
  let isBegun = false;
  let isSettled = false;
  let isAnswered = false;
  /** Whether all of it was handed over to be sent. */
  let isEnded = false;

  cancellation.onCancel((reason) => {
    if (isSettled) return;
    settle({ kind: 'cancelled', reason, wholeSent: request.writableFinished });
    request.destroy();
  });
  request.on('socket', (socket) => {
    const begin = (): void => void (isBegun = true);
    if (!socket.connecting) begin();
    else socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', begin);
    if (request.reusedSocket && connections.hasIdled(socket)) afterOneRound(send);
    else send();
  });
  request.on('response', (response) => {
    isAnswered = true;
    connections.used(response.socket);
    body.pause();
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
    if (isAnswered || isSettled) return;
    // What killed one has most likely killed those that idle beside it.
    if (request.reusedSocket) connections.discard();
    const isStale = request.reusedSocket && !isEnded && isReset(cause);
    settle({ kind: 'lost', cause, begun: isBegun, isStale });
  };
  request.on('error', lose);
  boundInformational(request, () => {
    settle({
      kind: 'lost',
      cause: new Error('Imgur sent one informational answer after the other'),
      begun: isBegun,
      isStale: false,
    });
    request.destroy();
  });
  // All that Node says of a connection that ends with status 101 (`upgrade`).
  request.once('close', () => lose(null));

  body.on('error', fail);
  body.once('close', () => {
    // A stream that was destroyed without an error never ends.
    if (!isEnded) fail(body.errored ?? mismatch('fewer'));
  });

  function send(): void {
    if (isAnswered || isSettled) return;
    let count = 0;
    body.on('data', (chunk: Buffer) => {
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
      if (count === image.bytes) {
        isEnded = true;
        request.end(tail);
      } else if (request.writableLength > MAX_WAITING_BYTES) {
        body.pause();
      }
    });
    request.on('drain', () => {
      if (!isAnswered) body.resume();
    });
    body.once('end', () => {
      if (!isEnded) fail(mismatch('fewer'));
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
function throwIfBroken(body: Readable): void {
  if (body.destroyed) throw body.errored ?? mismatch('fewer');
}

/** The second time is after the system was asked for news, whatever the loop was about just now. */
function afterOneRound(then: () => void): void {
  setImmediate(() => setImmediate(then));
}

function mismatch(what: 'more' | 'fewer'): RelayError {
  return new RelayError('truncated', `The source sent ${what} bytes than it announced.`);
}
