import { randomUUID } from 'node:crypto';
import { maxHeaderSize, STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Answer } from '../lib/http/answer';
import { tooLarge } from '../lib/http/body-rules';
import { commonHeaders, requestIdOf } from '../lib/http/common-headers';
import { problemAnswer } from '../lib/http/problem';

/** What is refused before any function sees it. */
export interface Refusal {
  readonly status: number;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const MALFORMED: Refusal = {
  status: 400,
  detail: 'Expected a request that can be understood, got a malformed path, query or header.',
};
export const NO_HOST: Refusal = {
  status: 400,
  detail: 'Expected a Host header, as HTTP/1.1 asks for, got none.',
};
export const NO_TUNNEL: Refusal = {
  status: 405,
  detail: 'Expected a request for this service, got CONNECT.',
  headers: { allow: 'GET, HEAD, POST, DELETE, OPTIONS' },
};
export const TOO_LARGE: Refusal = { status: 413, detail: tooLarge().message };
export const NO_SUCH_EXPECTATION: Refusal = {
  status: 417,
  detail: 'Expected no Expect header but 100-continue, got another one.',
};
export const TOO_MANY: Refusal = {
  status: 503,
  detail: 'As many connections are open as the service takes.',
  headers: { 'retry-after': '10' },
};

/** Why Node's parser, or its clock, gave a request up. */
export function refusalOf(error: NodeJS.ErrnoException, requestTimeoutMs: number): Refusal {
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return {
        status: 408,
        detail: `Expected the whole request within ${requestTimeoutMs} ms, got a part of it.`,
      };
    case 'HPE_HEADER_OVERFLOW':
      return {
        status: 431,
        detail: `Expected at most ${maxHeaderSize} bytes of headers, got more.`,
      };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return TOO_LARGE;
    default:
      return { status: 400, detail: 'Expected a request in HTTP/1.1, got something else.' };
  }
}

/** A refusal as an answer: a problem with the headers that every answer has. */
export function refusalAnswer(
  { status, detail, headers = {} }: Refusal,
  allowedOrigins: readonly string[],
  request?: Pick<IncomingMessage, 'headers'>,
): Answer {
  const given = request?.headers['x-request-id'];
  const requestId = requestIdOf(typeof given === 'string' ? given : undefined, randomUUID);
  return problemAnswer(status, detail, {
    headers: {
      'cache-control': 'no-store',
      ...headers,
      ...commonHeaders(requestId, request?.headers.origin, allowedOrigins),
    },
  });
}

/**
 * Answers a request of which only the head was read. Node reads the rest away, so that a client that
 * sends all before it reads gets its answer too; the clock for whole requests goes on meanwhile. A
 * client that asked first whether to send it may leave it out, and then nobody could tell where the
 * next request begins (RFC 9110, section 10.1.1).
 */
export function refuse(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const { statusCode, headers, body } = answer;
  if (request.headers.expect !== undefined) response.setHeader('connection', 'close');
  response.writeHead(statusCode, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/** How long a client may take to read why its connection ends, in milliseconds. */
const LAST_WORDS_MS = 1000;

/**
 * Answers where there is no request that could be answered, and ends the connection: not at once,
 * as what is still coming in would make the system throw the answer away (RFC 9112, section 9.6).
 */
export function refuseConnection(socket: Duplex, { statusCode, headers, body }: Answer): void {
  const lines = Object.entries({
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
    date: new Date().toUTCString(),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  const status = `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode] ?? ''}\r\n`;
  // Node listens no longer where it gave the connection away.
  socket.on('error', () => undefined);
  socket.resume();
  socket.end(`${status}${lines.join('')}\r\n${body}`);
  const timer = setTimeout(() => socket.destroy(), LAST_WORDS_MS);
  socket.once('close', () => clearTimeout(timer));
}
