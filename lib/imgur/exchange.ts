import type { Agent, ClientRequest, IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Cancellation } from '../cancellation';
import { RelayError } from '../errors';
import { boundInformational } from '../net/bound-informational';
import { isReset } from '../net/error-code';
import { readReply } from './read-reply';

/** One image on its way to Imgur. */
export interface ImageUpload {
  /** It may still be filling. It stays the caller's: to be destroyed when all is over. */
  body: Readable;
  bytes: number;
  /** A MIME type. */
  type: string;
  /** Without quotes or line breaks. */
  filename: string;
  /** Uploads with this Imgur client ID instead of the configured credential. */
  clientId: string | null;
  /** Ends the upload; carries every time limit. */
  cancellation: Cancellation;
}

/** What stands around an image in a multipart body (RFC 7578). */
export interface Framing {
  /** The value of the request's Content-Type. */
  readonly contentType: string;
  /** In latin1, as it is all ASCII. */
  readonly head: string;
  readonly tail: string;
}

/** What Imgur answered, or why it did not. */
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
      /** Whether that was a reset of a connection from an upload before, amid the image at most. */
      isStale: boolean;
    }
  | {
      kind: 'cancelled';
      reason: Error;
      /** Whether the image was on its way as a whole by then, so that Imgur may have it. */
      wholeSent: boolean;
    };

/** Bytes that wait for Imgur to take them before the image is asked for no more. */
const MAX_WAITING_BYTES = 65_536;
/** Servers close connections that idle for seconds. */
const IDLE_MS = 500;

export type IdleConnections = ReturnType<typeof createIdleConnections>;

/**
 * The kept connections of an agent, each of which Imgur may have closed while it idled.
 *
 * @param now milliseconds of a clock that is never set.
 */
export function createIdleConnections(agent: Agent, now = (): number => performance.now()) {
  const usedAt = new WeakMap<Socket, number>();
  return {
    /** A request on it was just answered. */
    used: (socket: Socket) => void usedAt.set(socket, now()),
    /** Whether that was so long ago that Imgur may have closed it. */
    hasIdled: (socket: Socket) => now() - (usedAt.get(socket) ?? -Infinity) >= IDLE_MS,
    /** Ends all that wait for another request. */
    discard() {
      for (const sockets of Object.values(agent.freeSockets)) {
        for (const socket of sockets ?? []) socket.destroy();
      }
    },
  };
}

/**
 * Sends one image and reads the answer. One that comes before the body was sent whole counts, and
 * ends the sending.
 *
 * A server closes connections that idle, and may do so in the moment in which one is used again.
 * What has arrived of that can be seen after one round of the event loop, and for so long nothing
 * is sent on a connection that has idled.
 *
 * Rejects with the error of a body that breaks off, and with the reason of a cancellation before
 * there was a request.
 *
 * @param open opens the request; only its body is still to be sent.
 */
export function exchange(
  open: () => ClientRequest,
  image: ImageUpload,
  framing: Framing,
  connections: IdleConnections,
): Promise<Posted> {
  return new Promise((resolve, reject) => {
    image.cancellation.throwIfCancelled();
    // A stream that is over already would never say so again.
    if (image.body.destroyed) throw image.body.errored ?? mismatch('fewer');
    run(open(), image, framing, connections, resolve, reject);
  });
}

function run(
  request: ClientRequest,
  image: ImageUpload,
  { head, tail }: Framing,
  connections: IdleConnections,
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
    request.destroy(new Error('Imgur sent one informational answer after the other'));
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

/** The second time is after the system was asked for news, whatever the loop was about just now. */
function afterOneRound(then: () => void): void {
  setImmediate(() => setImmediate(then));
}

function mismatch(what: 'more' | 'fewer'): RelayError {
  return new RelayError('truncated', `The source sent ${what} bytes than it announced.`);
}
