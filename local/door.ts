import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Config } from '../lib/config';
import type { Answer } from '../lib/http/answer';
import type { Logger } from '../lib/logger';
import { MAX_BODY_BYTES } from '../lib/http/body-rules';
import type { HttpExchange } from '../lib/metrics/http-metrics';
import { createConnectionBound } from './connection-bound';
import {
  MALFORMED,
  NO_HOST,
  NO_SUCH_EXPECTATION,
  NO_TUNNEL,
  refusalAnswer,
  refusalOf,
  refuse,
  refuseConnection,
  TOO_LARGE,
  TOO_MANY,
  type Refusal,
} from './refusals';
import { watchAnswers } from './watch-answers';

export type DoorConfig = Pick<
  Config,
  'host' | 'port' | 'requestTimeoutMs' | 'maxConnections' | 'corsAllowedOrigins'
>;

export interface Door {
  readonly port: number;
  /** Takes no more connections, and resolves when those that are open have ended. */
  close(): Promise<void>;
}

/**
 * How long a connection may idle, in milliseconds. Proxies keep theirs for a minute or two (AWS 60
 * s, Caddy 120 s). If we closed one first, a request that is on its way could be lost.
 */
const KEEP_ALIVE_MS = 125_000;

/** How long a stop waits for answers that are being read, in milliseconds. */
const CLOSE_MS = 2000;

/**
 * Listens at HOST:PORT and hands on requests whose heads are whole. It refuses malformed, too large
 * and too slow requests by itself, and more connections than may be open.
 *
 * @param answered told of each request, those that are refused here included.
 */
export async function openDoor(
  config: DoorConfig,
  log: Logger,
  handle: http.RequestListener,
  answered: (exchange: HttpExchange) => void,
): Promise<Door> {
  const { requestTimeoutMs, corsAllowedOrigins } = config;
  const server = http.createServer({
    headersTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(Math.ceil(requestTimeoutMs / 10), 1000),
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Node's own answer to its lack has no body.
    requireHostHeader: false,
  });
  const bound = createConnectionBound(server, config.maxConnections, log);
  const watch = watchAnswers(server, answered);
  /** What is being answered, by connection. */
  const current = new Map<Duplex, ServerResponse>();
  let isClosing = false;

  server.on('request', (request, response) => take(request, response));
  server.on('checkContinue', (request, response) => {
    take(request, response, () => response.writeContinue());
  });
  server.on('checkExpectation', (request, response) => {
    refuseRequest(request, response, NO_SUCH_EXPECTATION);
  });
  server.on('connect', (request, socket) => {
    endWith(socket, refusalAnswer(NO_TUNNEL, corsAllowedOrigins, request));
  });
  server.on('clientError', (error, socket) => giveUp(error, socket));

  server.listen({ host: config.host, port: config.port });
  await once(server, 'listening');
  // From here on an error is that of one connection, like too many open files.
  server.on('error', bound.noteRefused);
  const { port } = server.address() as AddressInfo;
  return { port, close };

  function take(request: IncomingMessage, response: ServerResponse, onTaken?: () => void): void {
    const { socket } = request;
    current.set(socket, response);
    response.once('close', () => {
      if (current.get(socket) === response) current.delete(socket);
      if (isClosing) socket.destroy();
    });
    const refusal = judge(request);
    if (refusal) {
      refuseRequest(request, response, refusal);
      return;
    }
    onTaken?.();
    handle(request, response);
  }

  function judge(request: IncomingMessage): Refusal | null {
    if (bound.isBeyond(request)) return TOO_MANY;
    const { headers, httpVersion } = request;
    if (headers.host === undefined && httpVersion === '1.1') return NO_HOST;
    if (!isUrl(request)) return MALFORMED;
    return Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES ? TOO_LARGE : null;
  }

  function refuseRequest(
    request: IncomingMessage,
    response: ServerResponse,
    refusal: Refusal,
  ): void {
    if (refusal === TOO_MANY) response.setHeader('connection', 'close');
    refuse(request, response, refusalAnswer(refusal, corsAllowedOrigins, request));
  }

  /** After this nothing more is read from the connection as HTTP. */
  function giveUp(error: NodeJS.ErrnoException, socket: Duplex): void {
    // Each piece that still comes in is one more error.
    if (socket.writableEnded) return;
    const isUnasked = 'bytesRead' in socket && socket.bytesRead === 0;
    if (error.code === 'ECONNRESET' || !socket.writable || isUnasked) {
      // An answer to a connection that only stood by could be taken for that to the next request.
      socket.destroy();
      return;
    }
    const open = current.get(socket);
    const request = open?.req.complete ? undefined : open?.req;
    const answer = refusalAnswer(refusalOf(error, requestTimeoutMs), corsAllowedOrigins, request);
    if (open?.req.complete) open.once('finish', () => endWith(socket, answer));
    else if (open?.headersSent) socket.destroy();
    else endWith(socket, answer, open);
  }

  function endWith(socket: Duplex, answer: Answer, open?: ServerResponse): void {
    watch.refused(answer.statusCode, open);
    refuseConnection(socket, answer);
  }

  async function close(): Promise<void> {
    isClosing = true;
    const closed = new Promise((resolve) => server.close(resolve));
    bound.forEach((socket) => {
      if (!current.has(socket)) socket.destroy();
    });
    const timer = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
    await closed;
    clearTimeout(timer);
  }
}

/** Whether the gateway can make a URL of a request: of its Host, and of a path or a whole URL. */
function isUrl({ url = '', headers: { host } }: IncomingMessage): boolean {
  return URL.canParse(url.startsWith('/') ? `http://${host || 'localhost'}${url}` : url);
}
