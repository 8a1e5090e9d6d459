import zlib from 'node:zlib';
import type { ReasonCode } from '../../lib/errors';
import type { Hosts, Play } from './hostile-source';
import { gifOf, ONE_PIXEL_PNG, picture, pixelBomb } from './pictures';
import {
  announcedHead,
  answer,
  chunk,
  chunksOf,
  dribble,
  endless,
  head,
  inTurn,
  ok,
  write,
  writeAndEnd,
  writeAndReset,
} from './plays';

/** What a source does, and what must become of its image. */
export interface SourceFault {
  /** Tells it apart; also a part of its path. */
  readonly name: string;
  readonly ends: 'complete' | ReasonCode;
  readonly tries: number;
  readonly play: Play;
  /** What Imgur must have got, byte for byte; only of one that ends as complete. */
  readonly relayed?: Buffer;
  /** Where it is, if not on the ordinary host. */
  readonly base?: (hosts: Hosts) => string;
  /** Whether it takes a resolver of the test's own. */
  readonly byName?: boolean;
}

/** With as many as this allowed in all. */
export const ATTEMPTS = 3;

const JPEG = picture('baseline.jpg');
const PNG = picture('rgb8.png');
const TIFF = picture('little.tiff');
const HALF = JPEG.subarray(0, JPEG.length >> 1);
const CHUNKED = head('200 OK', 'Transfer-Encoding: chunked');
const HINT = head('103 Early Hints');
const HTML = Buffer.from('<!DOCTYPE html><html><body><h1>Hotlinking is not allowed</h1></body>');
/** 200 MB of zeros in 200 kB: gzip members may follow each other (RFC 1952, section 2.2). */
const GZIP_BOMB = Buffer.concat(Array<Buffer>(200).fill(zlib.gzipSync(Buffer.alloc(1_048_576))));
const REMOVED = picture('palette.png');

const fails = (name: string, ends: ReasonCode, tries: number, play: Play): SourceFault => ({
  name,
  ends,
  tries,
  play,
});
const relays = (name: string, relayed: Buffer, play = ok(relayed), tries = 1): SourceFault => ({
  name,
  ends: 'complete',
  tries,
  play,
  relayed,
});
const never: Play = () => undefined;
const ofStatus = (status: number): SourceFault =>
  fails(`status-${status}`, 'source_status', 1, answer(status, {}));
const encodedAs = (encoding: string, body: Buffer): SourceFault =>
  fails(encoding, 'bad_encoding', 1, answer(200, { 'content-encoding': encoding }, body));
const signature = (name: string, hex: string): SourceFault =>
  fails(name, 'not_an_image', 1, ok(Buffer.from(hex.padEnd(200, '0'), 'hex')));
const untrusted = (name: string, base: NonNullable<SourceFault['base']>): SourceFault => ({
  ...fails(name, 'tls_error', 1, never),
  base,
});

/** Every row of faults.jsonl with the side `source`, by its own name, in one or more variants. */
export const SOURCE_FAULTS: Readonly<Record<string, readonly SourceFault[]>> = {
  'TCP connect never answers': [
    { ...fails('silent-port', 'download_timeout', ATTEMPTS, never), base: ({ silent }) => silent },
  ],
  'headers never sent': [
    fails('no-head', 'download_timeout', ATTEMPTS, never),
    fails('half-a-head', 'download_timeout', ATTEMPTS, write('HTTP/1.1 200 OK\r\nContent-')),
  ],
  '1 byte per 100 ms for ever': [
    fails('dribble', 'download_timeout', ATTEMPTS, dribble(CHUNKED, JPEG, 100)),
    fails(
      'dribble-announced',
      'download_timeout',
      ATTEMPTS,
      dribble(announcedHead(9999), JPEG, 100),
    ),
  ],
  'endless chunked body': [
    fails('endless', 'too_large', 1, endless(HALF)),
    fails('endless-gif', 'too_large', 1, endless(gifOf(2).subarray(0, -1))),
  ],
  'Content-Length over limit': [
    fails('announces-too-much', 'too_large', 1, write(announcedHead(10_485_761), JPEG)),
  ],
  'Content-Length lies low, body longer': [
    fails('lies-low', 'truncated', ATTEMPTS, write(announcedHead(HALF.length), JPEG)),
    relays('lies-low-but-whole', JPEG, writeAndEnd(announcedHead(JPEG.length), JPEG, HTML)),
  ],
  'Content-Length 1000, 3 bytes, FIN': [
    fails('fin', 'truncated', ATTEMPTS, writeAndEnd(announcedHead(1000), JPEG.subarray(0, 3))),
    fails('fin-later', 'truncated', ATTEMPTS, writeAndEnd(announcedHead(JPEG.length), HALF)),
  ],
  'chunked body cut mid-way': [
    fails('chunked-cut', 'truncated', ATTEMPTS, writeAndEnd(CHUNKED, chunk(HALF))),
    // As seen with a proxy whose upstream died: the bytes are all there, the end is not told.
    fails('chunked-no-end', 'truncated', ATTEMPTS, writeAndEnd(CHUNKED, chunk(JPEG))),
  ],
  'RST mid body': [
    fails('reset', 'truncated', ATTEMPTS, writeAndReset(announcedHead(JPEG.length), HALF)),
    fails('reset-chunked', 'truncated', ATTEMPTS, writeAndReset(CHUNKED, chunk(HALF))),
  ],
  'gzip body 200 KB -> 200 MB': [
    { ...encodedAs('gzip', GZIP_BOMB), name: 'gzip-bomb' },
    fails('gzip-bomb-untold', 'not_an_image', 1, ok(GZIP_BOMB)),
  ],
  'Content-Encoding: br / deflate / zstd unasked': [
    encodedAs('br', zlib.brotliCompressSync(PNG)),
    encodedAs('deflate', zlib.deflateSync(PNG)),
    encodedAs('zstd', PNG),
    { ...encodedAs('gzip, br', PNG), name: 'gzip-br' },
  ],
  'gzip small honest image': [{ ...encodedAs('gzip', zlib.gzipSync(PNG)), name: 'gzip-honest' }],
  '40 KB of headers': [
    fails('long-header', 'bad_response', 1, answer(200, { 'x-long': 'x'.repeat(40_000) }, PNG)),
    fails(
      'many-headers',
      'bad_response',
      1,
      write(head('200 OK', ...Array.from({ length: 800 }, (_, n) => `X-${n}: ${'y'.repeat(44)}`))),
    ),
  ],
  '200 with 0 bytes': [
    fails('empty', 'empty', 1, ok(Buffer.alloc(0))),
    fails('empty-chunked', 'empty', 1, ok([])),
    fails('empty-fin', 'empty', 1, writeAndEnd(head('200 OK', 'Connection: close'))),
  ],
  '204 / 205 / 304': [ofStatus(204), ofStatus(205), ofStatus(304)],
  '206 whole file': [
    relays(
      'whole-206',
      PNG,
      answer(206, { 'content-range': `bytes 0-${PNG.length - 1}/${PNG.length}` }, PNG),
    ),
  ],
  '206 partial': [
    fails(
      'part-206',
      'truncated',
      1,
      answer(206, { 'content-range': `bytes 0-${HALF.length - 1}/${JPEG.length}` }, HALF),
    ),
    fails('untold-206', 'truncated', 1, answer(206, {}, PNG)),
  ],
  '403 / 404 / 410 / 451': [ofStatus(403), ofStatus(404), ofStatus(410), ofStatus(451)],
  '429 Retry-After: 2': [
    relays('wait-2', PNG, inTurn(answer(429, { 'retry-after': 2 }), ok(PNG)), 2),
  ],
  '429 Retry-After: 86400': [
    fails('wait-86400', 'source_status', 1, answer(429, { 'retry-after': 86_400 })),
  ],
  '500, 500, 200': [
    relays('third-time', PNG, inTurn(answer(500, {}), answer(500, {}), ok(PNG)), 3),
    fails('never-well', 'source_status', ATTEMPTS, answer(503, {})),
  ],
  '200 text/html with image extension': [
    fails('page', 'not_an_image', 1, answer(200, { 'content-type': 'text/html' }, HTML)),
  ],
  '200 image/png header, HTML body': [
    fails('page-as-png', 'not_an_image', 1, answer(200, { 'content-type': 'image/png' }, HTML)),
  ],
  '200 application/octet-stream, PNG body': [
    relays('octets', PNG, answer(200, { 'content-type': 'application/octet-stream' }, PNG)),
  ],
  SVG: [
    fails(
      'svg',
      'not_an_image',
      1,
      answer(200, { 'content-type': 'image/svg+xml' }, picture('active.svg')),
    ),
  ],
  'PNG 1x1': [relays('one-pixel', ONE_PIXEL_PNG)],
  // Passed on: nothing is ever decoded here, so it is no bomb for us, and Imgur judges by itself.
  'PNG header 65535x65535, tiny file': [relays('pixel-bomb', pixelBomb())],
  'GIF 11 MB': [
    fails('gif-11-mb', 'too_large', 1, ok(gifOf(740_000))),
    fails('gif-11-mb-chunked', 'too_large', 1, ok([gifOf(740_000)])),
  ],
  'GIF 2000 frames': [relays('gif-2000-frames', gifOf(2000))],
  'JPEG truncated at 50 %': [
    fails('half-jpeg', 'truncated', ATTEMPTS, ok(HALF)),
    fails('half-jpeg-chunked', 'truncated', ATTEMPTS, ok([HALF])),
  ],
  'HTML+GIF polyglot': [relays('polyglot', picture('polyglot.gif'))],
  'ZIP / ASF first bytes': [
    signature('zip', '504b0304140000000800'),
    signature('asf', '3026b2758e66cf11a6d900aa0062ce6c'),
  ],
  'JXL/HEIF zero-size box': [
    signature('jxl-zero', '000000004a584c200d0a870a'),
    signature('heif-zero', '0000000066747970' + '68656963'),
  ],
  'TLS: expired / self-signed / wrong host': [
    untrusted('expired', ({ expired }) => expired),
    untrusted('self-signed', ({ selfSigned }) => selfSigned),
    untrusted('wrong-host', ({ selfSigned }) => selfSigned.replace('127.0.0.1', 'localhost')),
  ],
  'AAAA dead, A alive': [
    {
      ...relays('dead-aaaa', PNG),
      base: ({ port }) => `http://dead-aaaa.example.com:${port}`,
      byName: true,
    },
  ],
  'User-Agent denied': [
    fails('user-agent', 'source_status', 1, (visit) => {
      const denied = /image-relay/.test(visit.request.headers['user-agent'] ?? '');
      (denied ? answer(403, {}) : ok(PNG))(visit);
    }),
  ],
};

/** What the file has no row for. */
export const MORE_SOURCE_FAULTS: readonly SourceFault[] = [
  {
    ...fails('tombstone', 'source_status', 1, (visit) => {
      const isRemoved = visit.request.url === '/removed.png';
      const { url: self } = visit.request;
      (isRemoved ? ok(REMOVED) : answer(302, { location: '/removed.png', 'x-was': self ?? '' }))(
        visit,
      );
    }),
    base: ({ port }) => `http://i.imgur.com:${port}`,
    byName: true,
  },
  { ...fails('closed-port', 'connection_failed', ATTEMPTS, never), base: ({ closed }) => closed },
  {
    ...fails('no-such-name', 'dns_failed', 2, never),
    base: () => 'http://gone.example.com',
    byName: true,
  },
  fails('not-http', 'bad_response', 1, write('SSH-2.0-OpenSSH_9.6\r\n')),
  fails(
    'switching-protocols',
    'bad_response',
    1,
    write(head('101 Switching Protocols', 'Upgrade: x', 'Connection: Upgrade')),
  ),
  fails('broken-chunks', 'bad_response', 1, write(CHUNKED, chunk(HALF), 'zz\r\n')),
  relays(
    'identity-twice',
    JPEG,
    writeAndEnd(
      head(
        '200 OK',
        'Content-Encoding: identity',
        'Content-Encoding: identity',
        `Content-Length: ${JPEG.length}`,
      ),
      JPEG,
    ),
  ),
  fails('chunks-of-one-byte', 'bad_response', 1, write(CHUNKED, chunksOf(JPEG, 1), '0\r\n\r\n')),
  relays('chunks-of-200-bytes', JPEG, writeAndEnd(CHUNKED, chunksOf(JPEG, 200), '0\r\n\r\n')),
  relays(
    'byte-by-byte',
    ONE_PIXEL_PNG,
    writeAndEnd(CHUNKED, chunksOf(ONE_PIXEL_PNG, 1), '0\r\n\r\n'),
  ),
  fails('six-early-hints', 'bad_response', 1, write(HINT.repeat(6))),
  relays('five-early-hints', JPEG, writeAndEnd(HINT.repeat(5), announcedHead(JPEG.length), JPEG)),
  fails('half-tiff-chunked', 'truncated', ATTEMPTS, ok([TIFF.subarray(0, TIFF.length >> 1)])),
  fails('hangs-up', 'connection_failed', ATTEMPTS, writeAndEnd()),
  fails('stalls', 'download_timeout', ATTEMPTS, write(announcedHead(JPEG.length), HALF)),
];

export const ALL_SOURCE_FAULTS: readonly SourceFault[] = [
  ...Object.values(SOURCE_FAULTS).flat(),
  ...MORE_SOURCE_FAULTS,
];

/** Slow, but never silent for as long as the stall limit: 14 pieces in so many milliseconds. */
export function steady(totalMs: number): SourceFault {
  return relays('steady', ONE_PIXEL_PNG, ({ socket }) => {
    socket.write(announcedHead(ONE_PIXEL_PNG.length));
    let sent = 0;
    const timer = setInterval(() => {
      socket.write(ONE_PIXEL_PNG.subarray(sent, sent + 5));
      sent += 5;
      if (sent < ONE_PIXEL_PNG.length) return;
      clearInterval(timer);
      socket.end();
    }, totalMs / 14);
    socket.on('close', () => clearInterval(timer));
  });
}

/** Takes so long to redirect, and then again to answer. */
export function late(everyMs: number): SourceFault {
  return relays('late', ONE_PIXEL_PNG, (visit) => {
    const isBack = visit.request.url?.endsWith('?again');
    const play = isBack ? ok(ONE_PIXEL_PNG) : answer(302, { location: '?again' });
    setTimeout(() => play(visit), everyMs);
  });
}

/** The path of a fault: with the extension of a picture, whatever there is. */
export function pathOf({ name }: SourceFault): string {
  return `/${name}/picture.jpg`;
}

/** What a hostile source plays for all of them. */
export function playsOf(faults: readonly SourceFault[]): Record<string, Play> {
  return Object.fromEntries(faults.map((fault) => [pathOf(fault), fault.play]));
}

export function urlOf(fault: SourceFault, hosts: Hosts): string {
  return (fault.base?.(hosts) ?? hosts.url) + pathOf(fault);
}
