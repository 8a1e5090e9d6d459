import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { servePart } from './part';

/*
 * An Imgur on loopback that throws away what it is given and answers as the real one does, after a
 * delay, or as slowly as it is told to read. A soak has it break now and then.
 */

export interface ImgurAsk {
  /** What to behave like from now on. */
  readonly delayMs?: number;
  /** How long it takes to read one upload. */
  readonly spreadMs?: number;
  /** How many uploads of a hundred go wrong, each in the next of the ways there are. */
  readonly faultPercent?: number;
  /** Answers 429 for so long. */
  readonly refuseMs?: number;
}
export interface ImgurStats {
  readonly images: number;
  readonly bytes: number;
  readonly faults: number;
}

type Fault = (response: http.ServerResponse, request: http.IncomingMessage) => void;

const JSON_HEADERS = { 'content-type': 'application/json' };
const FAULTS: readonly Fault[] = [
  (response) => refuse(response, 500, 'Internal Server Error'),
  (response) => {
    response.writeHead(503, { 'content-type': 'text/html' });
    response.end('<html><head><title>Imgur is over capacity!</title></head></html>');
  },
  (response) => refuse(response, 417, 'Internal expectation failed'),
  (_response, request) => void request.socket.resetAndDestroy(),
  (response) =>
    void response
      .writeHead(200, JSON_HEADERS)
      .end(JSON.stringify({ data: { id: 'abcdefg' }, success: true, status: 200 })),
];

let settings = { delayMs: 0, spreadMs: 0, faultPercent: 0 };
let refuseUntil = 0;
const stats = { images: 0, bytes: 0, faults: 0 };
let untilFault = 0;
let nextFault = 0;

const server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const total = Number(request.headers['content-length']);
  const startedAt = performance.now();
  const { spreadMs, delayMs } = settings;
  let received = 0;
  request.on('data', (chunk: Buffer) => {
    received += chunk.length;
    stats.bytes += chunk.length;
    if (spreadMs === 0) return;
    const early = startedAt + (spreadMs * received) / total - performance.now();
    if (early < 1) return;
    request.pause();
    setTimeout(() => request.resume(), early);
  });
  request.on('end', () => {
    if (delayMs > 0) setTimeout(() => answer(request, response), delayMs);
    else answer(request, response);
  });
});

function answer(request: http.IncomingMessage, response: http.ServerResponse): void {
  if (refuseUntil > Date.now()) {
    refuse(response, 429, 'You are uploading too fast. Please wait 1 more second.');
    return;
  }
  const fault = settings.faultPercent > 0 ? takeFault() : undefined;
  if (fault) {
    stats.faults += 1;
    fault(response, request);
    return;
  }
  stats.images += 1;
  const id = (62 ** 6 + stats.images).toString(36).padStart(7, '0').slice(-7);
  const body = JSON.stringify({
    data: {
      id,
      title: null,
      description: null,
      datetime: 1_763_683_200,
      type: 'image/jpeg',
      animated: false,
      width: 640,
      height: 480,
      size: 100_000,
      views: 0,
      bandwidth: 0,
      favorite: false,
      account_id: 0,
      deletehash: 'abcdefghijklmno',
      name: '',
      link: `https://i.imgur.com/${id}.jpg`,
    },
    success: true,
    status: 200,
  });
  response.writeHead(200, { ...JSON_HEADERS, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/** Every so many uploads one of the faults, each in its turn. */
function takeFault(): Fault | undefined {
  untilFault -= settings.faultPercent / 100;
  if (untilFault > 0) return undefined;
  untilFault += 1;
  nextFault += 1;
  return FAULTS[nextFault % FAULTS.length];
}

function refuse(response: http.ServerResponse, status: number, error: string): void {
  response.writeHead(status, JSON_HEADERS);
  response.end(JSON.stringify({ data: { error }, success: false, status }));
}

server.on('clientError', (_error, socket) => socket.destroy());
server.listen(0, '127.0.0.1', () => {
  servePart<ImgurAsk | 'stats'>((server.address() as AddressInfo).port, (ask) => {
    if (ask === 'stats') return stats;
    const { refuseMs = 0, ...behaviour } = ask;
    if (refuseMs > 0) refuseUntil = Date.now() + refuseMs;
    else settings = { delayMs: 0, spreadMs: 0, faultPercent: 0, ...behaviour };
    return null;
  });
});
