import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { jpeg } from './jpeg';
import { servePart } from './part';
import { makeWebp } from './webp';

/*
 * A host of pictures on loopback, with nothing between the request and the bytes:
 *   /<bytes>/<delayMs>/<spreadMs>/<name>   a JPEG, after a delay, spread over a time
 *   /webp/<delayMs>/<spreadMs>/<name>      a WebP of one megapixel, once `webp` was asked
 *   /half/<bytes>/<name>                   a JPEG whose second half waits for `finish`
 *   /fault/<kind>/<name>                   what a soak wants to go wrong
 * Asked by a name that begins with "stalled", it takes requests and says nothing until `release`.
 */

export type SourceAsk =
  | { type: 'held' }
  | { type: 'finish' }
  | { type: 'stall' | 'release' }
  /** Answered by whether there is one. */
  | { type: 'webp' };

type Answer = (response: http.ServerResponse, request: http.IncomingMessage) => void;

let held: (() => void)[] = [];
let stalled: http.ServerResponse[] = [];
let stalls = true;
let webp: Buffer | null = null;

const FAULTS: Record<string, Answer> = {
  '404': (response) => void response.writeHead(404).end('<h1>Not here</h1>'),
  '500': (response) => void response.writeHead(500).end('<h1>Broken</h1>'),
  reset: (_response, request) => void request.socket.resetAndDestroy(),
  stall: () => undefined,
  truncated: (response, request) => {
    response.writeHead(200, { 'content-length': 50_000 });
    response.write(jpeg(50_000).subarray(0, 30_000), () => request.socket.destroy());
  },
  'not-an-image': (response) => {
    const page = Buffer.from('<!doctype html><title>Not a picture</title>'.repeat(100));
    response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': page.length });
    response.end(page);
  },
  'too-large': (response) => {
    const bytes = jpeg(3_000_000);
    // Without a length: it has to be counted.
    response.write(bytes);
    response.end(bytes);
  },
  gzip: (response) => {
    const bytes = gzipSync(jpeg(20_000));
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': bytes.length });
    response.end(bytes);
  },
};

const server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const path = request.url ?? '/';
  if (request.headers.host?.startsWith('stalled')) {
    if (stalls) stalled.push(response);
    else response.writeHead(404).end();
    return;
  }
  const [, first = '', second = '', third = ''] = path.split('/', 5);
  if (first === 'fault') FAULTS[second]?.(response, request);
  else if (first === 'half') sendHalf(response, Number(second));
  else {
    const picture = first === 'webp' ? webp : jpeg(Number(first));
    if (picture) send(response, picture, Number(second), Number(third));
    else response.writeHead(404).end();
  }
});

function send(response: http.ServerResponse, picture: Buffer, delayMs: number, spreadMs: number) {
  const start = (): void => {
    response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': picture.length });
    if (spreadMs > 0) trickle(response, picture, spreadMs);
    else response.end(picture);
  };
  if (delayMs > 0) setTimeout(start, delayMs);
  else start();
}

/** Sends at an even pace, so that the last byte goes out after `spreadMs`. */
function trickle(response: http.ServerResponse, picture: Buffer, spreadMs: number): void {
  const startedAt = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const share = Math.min(1, (performance.now() - startedAt) / spreadMs);
    const until = Math.floor(picture.length * share);
    response.write(picture.subarray(sent, until));
    sent = until;
    if (share < 1) return;
    clearInterval(timer);
    response.end();
  }, 10);
  response.on('close', () => clearInterval(timer));
}

function sendHalf(response: http.ServerResponse, bytes: number): void {
  const picture = jpeg(bytes);
  response.writeHead(200, { 'content-length': bytes });
  response.write(picture.subarray(0, bytes / 2), () => {
    held.push(() => response.end(picture.subarray(bytes / 2)));
  });
}

server.on('clientError', (_error, socket) => socket.destroy());
server.listen(0, '127.0.0.1', () => {
  servePart<SourceAsk>((server.address() as AddressInfo).port, ({ type }) => {
    switch (type) {
      case 'webp':
        return makeWebp().then((made) => (webp = made) !== null);
      case 'held':
        return held.length;
      case 'finish':
        for (const finish of held) finish();
        held = [];
        return null;
      case 'stall':
        stalls = true;
        return null;
      case 'release':
        stalls = false;
        for (const response of stalled) response.writeHead(404).end();
        stalled = [];
        return null;
    }
  });
});
