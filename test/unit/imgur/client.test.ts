import type { EventEmitter } from 'node:events';
import http from 'node:http';
import type { Socket } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import busboy from 'busboy';
import { Cancellation } from '../../../lib/cancellation';
import { isRelayError, RelayError } from '../../../lib/errors';
import {
  createImgurClient,
  isStale,
  isTokenRefused,
  isUploadPaused,
  mayBeDuplicate,
  type ImgurClient,
  type UploadImage,
} from '../../../lib/imgur/client';
import { createRateGate, type RateGate } from '../../../lib/imgur/rate-gate';
import { awaitUntil } from '../../support/await-until';
import { collectLog, type CollectedLog } from './collect-log';
import { answer, bodyOf, startServer, type TinyServer } from './tiny-server';

const TOKEN = 'Bearer s3cret-access-token';
const LINK = 'https://i.imgur.com/SKAxiks.png';
const SUCCESS = { data: { id: 'SKAxiks', link: LINK }, success: true, status: 200 };
const PNG = Buffer.from('89504e470d0a1a0a0102030405', 'hex');
const refusal = (error: unknown, status: number) => ({ data: { error }, success: false, status });

let server: TinyServer;
let handle: http.RequestListener;
let gate: RateGate;
let lines: CollectedLog;
let agent: http.Agent;
let authorization: () => Promise<string>;
let refresh: () => Promise<void>;
let remaining: number[];

beforeEach(async () => {
  server = await startServer((req, res) => handle(req, res));
  agent = new http.Agent({ keepAlive: true });
  lines = collectLog();
  gate = createRateGate({ maxPauseMs: 3_600_000, concurrency: 32, log: lines.log });
  authorization = () => Promise.resolve(TOKEN);
  refresh = () => Promise.resolve();
  remaining = [];
});

afterEach(async () => {
  gate.close();
  agent.destroy();
  await server.close();
});

function upload(image: Partial<UploadImage> = {}, apiUrl = server.url): Promise<{ link: string }> {
  return createClient(apiUrl).upload(imageOf(image));
}

function imageOf(image: Partial<UploadImage> = {}): UploadImage {
  return {
    body: PNG,
    bytes: PNG.length,
    type: 'image/png',
    filename: 'cat.png',
    clientId: null,
    cancellation: new Cancellation(),
    ...image,
  };
}

function createClient(apiUrl = server.url, now = () => performance.now()): ImgurClient {
  const onRemaining = (uploads: number) => remaining.push(uploads);
  return createImgurClient({
    apiUrl,
    credentials: {
      authorization: () => authorization(),
      key: () => 'default',
      isRenewable: (sent) => sent === TOKEN,
      refresh: () => refresh(),
    },
    gate,
    agent,
    userAgent: 'image-relay/test',
    log: lines.log,
    onRemaining,
    now,
  });
}

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => Promise.reject(new Error(`expected a rejection, got ${JSON.stringify(value)}`)),
    (thrown: unknown) => thrown,
  );
}

async function relayErrorOf(promise: Promise<unknown>): Promise<RelayError> {
  const error = await errorOf(promise);
  if (!isRelayError(error)) throw error as Error;
  return error;
}

/** Resolves once it is closed, with an error or without. */
function closing(emitter: EventEmitter): Promise<void> {
  emitter.on('error', () => undefined);
  return new Promise((resolve) => emitter.once('close', () => resolve()));
}

/** An image of 64 MB that is made as it is read. */
function largeImage(): { body: Readable; bytes: number; standstill: () => Promise<number> } {
  const bytes = 64 * 1024 * 1024;
  let produced = 0;
  const body = new Readable({
    read() {
      if (produced === bytes) return void this.push(null);
      produced += 65_536;
      this.push(Buffer.alloc(65_536));
    },
  });
  /** Resolves with the bytes produced. That nothing moves is no event, so it is watched for. */
  const standstill = async (): Promise<number> => {
    let before = -1;
    while (before !== produced) {
      before = produced;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return produced;
  };
  return { body, bytes, standstill };
}

/** Reads the whole request, then answers. */
function reply(status: number, body: unknown, headers: http.OutgoingHttpHeaders = {}): void {
  handle = (req, res) => void bodyOf(req).then(() => answer(res, status, body, headers));
}

interface Received {
  method: string | undefined;
  url: string | undefined;
  headers: http.IncomingHttpHeaders;
  length: number;
  parts: { name: string; filename?: string | undefined; mime?: string; value: string }[];
}

/** Answers with success and resolves with what arrived. */
function receive(): Promise<Received> {
  return new Promise((resolve, reject) => {
    handle = (req, res) => {
      const { method, url, headers } = req;
      const received: Received = { method, url, headers, length: 0, parts: [] };
      const form = busboy({ headers });
      req.on('data', (chunk: Buffer) => (received.length += chunk.length));
      form.on('field', (name, value) => received.parts.push({ name, value }));
      form.on('file', (name, file, { filename, mimeType }) => {
        const part = { name, filename, mime: mimeType, value: '' };
        received.parts.push(part);
        file.on('data', (chunk: Buffer) => (part.value += chunk.toString('hex')));
      });
      form.on('error', reject);
      form.on('close', () => {
        answer(res, 200, SUCCESS);
        resolve(received);
      });
      req.pipe(form);
    };
  });
}

describe('the request', () => {
  it('is a multipart form with the type first and the bytes as a named file', async () => {
    const received = receive();
    await expect(upload()).resolves.toEqual({ link: LINK });
    const { method, url, parts } = await received;
    expect({ method, url }).toEqual({ method: 'POST', url: '/3/image' });
    expect(parts).toEqual([
      { name: 'type', value: 'file' },
      { name: 'image', filename: 'cat.png', mime: 'image/png', value: PNG.toString('hex') },
    ]);
  });

  it.each([
    ['a buffer', () => PNG],
    ['a stream', () => Readable.from([PNG.subarray(0, 5), PNG.subarray(5)])],
  ])('announces its exact length and is not chunked for %s', async (_, body) => {
    const received = receive();
    await upload({ body: body() });
    const { headers, length } = await received;
    expect(headers['content-length']).toBe(String(length));
    expect(headers).not.toHaveProperty('transfer-encoding');
  });

  it('carries the credential, and neither Origin nor Referer', async () => {
    const received = receive();
    await upload();
    const { headers } = await received;
    expect(headers).toMatchObject({ authorization: TOKEN, accept: 'application/json' });
    for (const name of ['origin', 'referer', 'accept-encoding', 'expect']) {
      expect(headers).not.toHaveProperty(name);
    }
  });

  it('has no Authorization where there is no credential at all', async () => {
    authorization = () => Promise.resolve('');
    const received = receive();
    await upload();
    expect((await received).headers).not.toHaveProperty('authorization');
  });

  it('arrives while the image is still being produced', async () => {
    const body = new PassThrough();
    const seen = new Promise<void>((resolve) => {
      handle = (req, res) => {
        let bytes = 0;
        req.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > 50_000) resolve();
        });
        req.on('end', () => answer(res, 200, SUCCESS));
      };
    });
    const done = upload({ body, bytes: 100_000 });
    body.write(Buffer.alloc(60_000));
    await seen;
    body.end(Buffer.alloc(40_000));
    await expect(done).resolves.toEqual({ link: LINK });
  });

  it('takes no more of a stream than Imgur takes', async () => {
    const arrived = new Promise<http.IncomingMessage>((resolve) => {
      handle = (req) => resolve(req.pause());
    });
    const { body, bytes, standstill } = largeImage();
    const cancellation = new Cancellation();
    const done = errorOf(upload({ body, bytes, cancellation }));
    await arrived;
    expect(await standstill()).toBeLessThan(bytes / 2);
    cancellation.cancel(new Error('enough'));
    await done;
  });

  it('shares its connection with the next one', async () => {
    reply(200, SUCCESS);
    await upload();
    await upload({ body: Readable.from([PNG]) });
    await upload();
    expect(server.connections()).toBe(1);
  });
});

describe('a refusal', () => {
  it.each<[string, number, unknown, object, string]>([
    [
      'of the image',
      400,
      refusal({ code: 1003, message: 'File type invalid (1)' }, 400),
      { code: 'imgur_rejected', retryable: false },
      'Imgur refused the image: "File type invalid (1)".',
    ],
    [
      'of its size',
      413,
      '',
      { code: 'too_large', retryable: false },
      'too large for Imgur: "HTTP 413"',
    ],
    [
      'of the header',
      403,
      refusal('Malformed auth header', 403),
      { code: 'imgur_auth', retryable: false },
      '"Malformed auth header"',
    ],
    [
      'of the client ID',
      403,
      refusal('Invalid client_id', 403),
      { code: 'imgur_auth', retryable: true, maxAttempts: 3 },
      '"Invalid client_id"',
    ],
    [
      'of the address',
      400,
      refusal('These actions are forbidden.', 400),
      { code: 'imgur_forbidden', retryable: false },
      '"These actions are forbidden."',
    ],
    [
      'that may pass',
      500,
      refusal('Could not process upload!', 500),
      { code: 'imgur_unavailable', retryable: true, maxAttempts: null },
      'HTTP 500',
    ],
    [
      'of the catch-all',
      417,
      refusal('Internal expectation failed', 417),
      { code: 'imgur_unavailable', retryable: true, maxAttempts: 3 },
      'Internal expectation failed',
    ],
    ['by a redirect', 302, '', { code: 'imgur_bad_response', retryable: true }, 'HTTP 302'],
    [
      'by a page',
      200,
      '<title>Welcome</title>',
      { code: 'imgur_bad_response', retryable: true, maxAttempts: 2 },
      '"Welcome"',
    ],
  ])('%s becomes a reason with the words of Imgur', async (_, status, body, expected, words) => {
    reply(status, body, status === 302 ? { Location: `${server.url}/elsewhere` } : {});
    const error = await relayErrorOf(upload());
    expect(error).toMatchObject(expected);
    expect(error.message).toContain(words);
    expect(gate.pausedUntil()).toBeNull();
    expect(mayBeDuplicate(error)).toBe(status === 200);
  });

  it('honours Retry-After up to 30 s', async () => {
    reply(503, '', { 'Retry-After': '7' });
    expect((await relayErrorOf(upload())).retryAfterMs).toBe(7000);
    reply(503, '', { 'Retry-After': '700' });
    expect((await relayErrorOf(upload())).retryAfterMs).toBe(30_000);
  });

  it('for uploading too fast closes the gate and gives the image back', async () => {
    reply(429, refusal({ code: 429, message: 'Please wait 37 more minutes.' }, 429));
    const error = await errorOf(upload());
    expect(isUploadPaused(error)).toBe(true);
    expect(gate.tryEnter('default')).toBe('wait');
    const left = Date.parse(gate.pausedUntil() ?? '') - Date.now();
    expect(Math.round(left / 60_000)).toBe(37);
  });

  it('of the token carries the header for the refresh, hidden from logs', async () => {
    reply(403, refusal('The access token provided is invalid.', 403));
    const error = await errorOf(upload());
    if (!isTokenRefused(error)) throw error as Error;
    expect(error.authorization).toBe(TOKEN);
    expect(Object.keys(error)).not.toContain('authorization');
    lines.log.warn({ error }, 'as a careless caller would log it');
    expect(lines.text()).not.toContain('s3cret-access-token');
  });

  it('of a token that a client ID cannot have is imgur_auth', async () => {
    authorization = () => Promise.resolve('Client-ID abcdef');
    reply(403, refusal('The access token provided is invalid.', 403));
    expect((await relayErrorOf(upload())).code).toBe('imgur_auth');
  });

  it('that repeats the credential shows it neither in message nor log', async () => {
    for (const status of [400, 429]) {
      reply(status, refusal(`no: ${TOKEN}`, status));
      const error = (await errorOf(upload())) as Error;
      expect(error.message).toContain('no: Bearer ***');
    }
    expect(lines.text()).toContain('no: Bearer ***');
    expect(lines.text()).not.toContain('s3cret-access-token');
  });

  it.each([
    ['client ID', 'Invalid client_id'],
    ['header', 'Malformed auth header'],
    ['access token', 'The access token provided is invalid.'],
  ])('of the %s, again and again, stops the uploads after it', async (_, words) => {
    authorization = () => Promise.resolve('Bearer cannot-be-renewed');
    reply(403, refusal(words, 403));
    for (let i = 0; i < 3; i += 1) await relayErrorOf(upload());
    expect(gate.tryEnter('default')).toBe('wait');
  });

  it('of the address, three times in a row, stops the uploads after it', async () => {
    reply(403, refusal('Forbidden', 403));
    for (let i = 0; i < 3; i += 1) await relayErrorOf(upload());
    expect(gate.tryEnter('default')).toMatchObject({ code: 'imgur_forbidden' });
  });

  it('comes through before the image was sent whole', async () => {
    const body = new PassThrough();
    handle = (_req, res) => answer(res, 413, refusal('File is over the size limit', 413));
    const done = relayErrorOf(upload({ body, bytes: 10_000_000 }));
    body.write(Buffer.alloc(1000));
    expect((await done).code).toBe('too_large');
  });

  it('ends the sending at once, as to write on could break the answer', async () => {
    const text = JSON.stringify(refusal('File is over the size limit', 413));
    const arrived = new Promise<http.ServerResponse>((resolve) => {
      handle = (req, res) => {
        req.resume();
        res.writeHead(413, { 'Content-Length': text.length });
        res.write(text.slice(0, 10), () => resolve(res));
      };
    });
    const { body, bytes, standstill } = largeImage();
    const done = relayErrorOf(upload({ body, bytes }));
    const res = await arrived;
    expect(await standstill()).toBeLessThan(bytes);
    res.end(text.slice(10));
    expect((await done).message).toContain('File is over the size limit');
  });

  it('comes through while the image is being sent, and closes the connection', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    handle = (req, res) => {
      closed = closing(req.socket);
      answer(res, 413, refusal('File is over the size limit', 413));
    };
    for (let i = 0; i < 20; i += 1) {
      const body = Readable.from(
        (function* () {
          for (let n = 0; n < 100; n += 1) yield Buffer.alloc(65_536);
        })(),
      );
      const error = await relayErrorOf(upload({ body, bytes: 100 * 65_536 }));
      expect(error.code).toBe('too_large');
      await closed;
    }
  });
});

describe('a success', () => {
  it('that uses the limit up closes the gate', async () => {
    reply(200, SUCCESS, { 'x-post-rate-limit-remaining': '0', 'x-post-rate-limit-reset': '60' });
    await expect(upload()).resolves.toEqual({ link: LINK });
    expect(gate.tryEnter('default')).toBe('wait');
    expect(lines.read()).toMatchObject([{ level: 'warn', key: 'default' }]);
  });

  it('that uses the limit up is no refusal, whatever the headers say of a wait', async () => {
    const [pause, spend] = [jest.spyOn(gate, 'pause'), jest.spyOn(gate, 'spend')];
    reply(200, SUCCESS, { 'x-ratelimit-clientremaining': '0' });
    await upload();
    reply(400, refusal('File type invalid (1)', 400), { 'x-ratelimit-clientremaining': '0' });
    await relayErrorOf(upload());
    expect(spend.mock.calls).toEqual([
      ['default', null, 0],
      ['default', null, 1],
    ]);
    expect(pause).not.toHaveBeenCalled();
  });

  it.each([
    [403, 'Invalid client_id'],
    [400, 'These actions are forbidden.'],
    [500, 'Could not process upload!'],
  ])('is none of %i "%s", although a limit is used up', async (status, words) => {
    const spend = jest.spyOn(gate, 'spend');
    reply(status, refusal(words, status), { 'x-ratelimit-clientremaining': '0' });
    await relayErrorOf(upload());
    expect(spend).not.toHaveBeenCalled();
  });

  it('is not believed before the whole image was sent', async () => {
    handle = (_req, res) => answer(res, 200, SUCCESS);
    const { body, bytes } = largeImage();
    expect((await relayErrorOf(upload({ body, bytes }))).code).toBe('imgur_bad_response');
    const whole = Buffer.alloc(bytes);
    expect((await relayErrorOf(upload({ body: whole, bytes }))).code).toBe('imgur_bad_response');
  });

  it('is not believed where its answer is cut off: the image may be there', async () => {
    handle = (req, res) =>
      void bodyOf(req).then(() => {
        res.writeHead(200, { 'Content-Length': 500 });
        res.write('{"data":{"link":"https://i.imgur', () => req.socket.destroy());
      });
    const error = await relayErrorOf(upload());
    expect(error).toMatchObject({ code: 'imgur_unavailable', maxAttempts: 2 });
    expect(mayBeDuplicate(error)).toBe(true);
  });

  it('is not waited for beyond 64 kB', async () => {
    const closed = new Promise<void>((resolve) => {
      handle = (req, res) => {
        res.on('close', resolve);
        const more = (): void => {
          while (!res.destroyed && res.write('x'.repeat(10_000)));
        };
        void bodyOf(req).then(more);
        res.on('drain', more);
      };
    });
    expect((await relayErrorOf(upload())).code).toBe('imgur_bad_response');
    await closed;
  });
});

describe('an answer of more than 64 kB', () => {
  it('that is whole all the same leaves no connection behind', async () => {
    reply(503, 'x'.repeat(70_000));
    for (let n = 0; n < 5; n += 1) await relayErrorOf(upload());
    await awaitUntil('the connections to end', () => Object.keys(agent.sockets).length === 0);
    expect(agent.freeSockets).toEqual({});
  });
});

describe('a lost connection', () => {
  it('that was to become another protocol is lost at once', async () => {
    handle = (req) => {
      void bodyOf(req).then(() => {
        req.socket.write('HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n');
      });
    };
    expect((await relayErrorOf(upload())).code).toBe('imgur_unavailable');
  });

  it('is one that brings nothing but informational answers', async () => {
    handle = (req) => {
      req.socket.on('error', () => undefined);
      req.socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(6));
    };
    const error = await relayErrorOf(upload());
    expect(error).toMatchObject({ code: 'imgur_unavailable', retryable: true, maxAttempts: 2 });
    expect(mayBeDuplicate(error)).toBe(true);
  });

  it('that never came about is tried again', async () => {
    const gone = await startServer(() => undefined);
    await gone.close();
    const error = await relayErrorOf(upload({}, gone.url));
    expect(error).toMatchObject({ code: 'imgur_unavailable', retryable: true, maxAttempts: null });
    expect(mayBeDuplicate(error)).toBe(false);
    expect(error.message).not.toContain('127.0.0.1');
  });

  it('amid the image is tried once more, and marked', async () => {
    handle = (req) => void req.once('data', () => req.socket.resetAndDestroy());
    const body = new PassThrough();
    const done = relayErrorOf(upload({ body, bytes: 1_000_000 }));
    body.write(Buffer.alloc(100_000));
    const error = await done;
    expect(error).toMatchObject({ code: 'imgur_unavailable', retryable: true, maxAttempts: 2 });
    expect(mayBeDuplicate(error)).toBe(true);
  });

  it('after the image is tried once more, and marked and logged', async () => {
    handle = (req) => void bodyOf(req).then(() => req.socket.resetAndDestroy());
    const error = await relayErrorOf(upload());
    expect(error).toMatchObject({ code: 'imgur_unavailable', retryable: true, maxAttempts: 2 });
    expect(mayBeDuplicate(error)).toBe(true);
    expect(lines.read()).toMatchObject([{ level: 'warn', possibleDuplicate: true }]);
  });
});

describe('a connection from an upload before that was closed meanwhile', () => {
  /** Ends the connection at Imgur's side, in a moment in which it is about to be used again. */
  async function uploadOn(
    end: (socket: Socket) => void,
    image: () => Partial<UploadImage>,
  ): Promise<unknown> {
    let socket: Socket | undefined;
    handle = (req, res) => {
      socket ??= req.socket;
      void bodyOf(req).then(() => answer(res, 200, SUCCESS));
    };
    await upload();
    await awaitUntil('the connection to idle', () => Object.keys(agent.freeSockets).length > 0);
    end(socket!);
    return errorOf(upload(image()));
  }

  it.each<[string, (socket: Socket) => void]>([
    ['reset', (socket) => socket.resetAndDestroy()],
    ['ended', (socket) => socket.destroy()],
  ])('and %s is seen before anything was sent: it was no upload', async (_, end) => {
    const stream = Readable.from([PNG]);
    for (const body of [PNG, stream]) {
      const error = await uploadOn(end, () => ({ body }));
      expect(error).toMatchObject({ code: 'imgur_unavailable', retryable: true });
      expect([isStale(error), mayBeDuplicate(error)]).toEqual([true, false]);
    }
    expect(stream.readableFlowing).toBeNull();
    expect(lines.read()).toEqual([]);
  });

  it.each([
    ['half a second or more', 500, true],
    ['less, which does not happen', 499, false],
  ])('is looked at first after %s', async (_, idleMs, isSeen) => {
    const sockets: Socket[] = [];
    handle = (req, res) => {
      sockets.push(req.socket);
      void bodyOf(req).then(() => answer(res, 200, SUCCESS));
    };
    let elapsed = 0;
    const client = createClient(server.url, () => elapsed);
    await client.upload(imageOf());
    await awaitUntil('the connection to idle', () => Object.keys(agent.freeSockets).length > 0);
    elapsed = idleMs;
    sockets[0]?.resetAndDestroy();
    expect(isStale(await errorOf(client.upload(imageOf())))).toBe(isSeen);
  });

  it('and reset amid the image was no upload either', async () => {
    let requests = 0;
    handle = (req, res) => {
      requests += 1;
      if (requests === 2) req.once('data', () => req.socket.resetAndDestroy());
      else void bodyOf(req).then(() => answer(res, 200, SUCCESS));
    };
    await upload();
    await awaitUntil('the connection to idle', () => Object.keys(agent.freeSockets).length > 0);
    const body = new PassThrough();
    const done = errorOf(upload({ body, bytes: 1_000_000 }));
    body.write(Buffer.alloc(100_000));
    const error = await done;
    expect([isStale(error), mayBeDuplicate(error)]).toEqual([true, false]);
  });

  it('and reset after the image leaves the doubt of any other', async () => {
    let requests = 0;
    handle = (req, res) => {
      requests += 1;
      const isSecond = requests === 2;
      void bodyOf(req).then(() =>
        isSecond ? req.socket.resetAndDestroy() : answer(res, 200, SUCCESS),
      );
    };
    await upload();
    await awaitUntil('the connection to idle', () => Object.keys(agent.freeSockets).length > 0);
    const error = await errorOf(upload());
    expect(error).toMatchObject({ code: 'imgur_unavailable', maxAttempts: 2 });
    expect([isStale(error), mayBeDuplicate(error)]).toEqual([false, true]);
  });

  it('takes those that idle beside it with it', async () => {
    const sockets: Socket[] = [];
    handle = (req, res) => {
      sockets.push(req.socket);
      void bodyOf(req).then(() => answer(res, 200, SUCCESS));
    };
    await Promise.all([upload(), upload(), upload()]);
    await awaitUntil('three to idle', () => Object.values(agent.freeSockets)[0]?.length === 3);
    const closed = sockets.map((socket) => closing(socket));
    // The one that is used next.
    sockets.find((socket) => socket.remotePort === lastIdlePort())?.resetAndDestroy();
    expect(isStale(await errorOf(upload()))).toBe(true);
    await Promise.all(closed);
  });

  const lastIdlePort = (): number | undefined =>
    Object.values(agent.freeSockets)[0]?.at(-1)?.localPort;
});

describe('the image', () => {
  it('that breaks off ends the upload with its own error', async () => {
    const arrived = new Promise<http.IncomingMessage>((resolve) => {
      handle = (req) => void req.once('data', () => resolve(req));
    });
    const body = new PassThrough();
    const done = errorOf(upload({ body, bytes: 1000 }));
    body.write(Buffer.alloc(10));
    const req = await arrived;
    const closed = closing(req);
    const broken = new Error('the source broke');
    body.destroy(broken);
    expect(await done).toBe(broken);
    await closed;
    expect(req.complete).toBe(false);
  });

  it('that is destroyed without an error ends the upload as well', async () => {
    handle = () => undefined;
    const body = new PassThrough();
    const done = relayErrorOf(upload({ body, bytes: 1000 }));
    body.write(Buffer.alloc(10));
    body.destroy();
    expect((await done).code).toBe('truncated');
  });

  it.each([
    ['longer', 12, 14],
    ['shorter', 14, 12],
  ])('that is %s than announced never arrives as a whole', async (_, bytes, sent) => {
    const arrived = new Promise<http.IncomingMessage>((resolve) => {
      handle = (req) => void req.once('data', () => resolve(req));
    });
    const body = new PassThrough();
    const done = relayErrorOf(upload({ body, bytes }));
    body.write(Buffer.alloc(5));
    const req = await arrived;
    const closed = closing(req);
    body.end(Buffer.alloc(sent - 5));
    expect((await done).code).toBe('truncated');
    await closed;
    expect(req.complete).toBe(false);
  });
});

describe('a cancellation', () => {
  const reason = new Error('cancelled by the test');

  it('before the upload rejects with the reason, and sends nothing', async () => {
    handle = () => undefined;
    const cancellation = new Cancellation();
    cancellation.cancel(reason);
    expect(await errorOf(upload({ cancellation }))).toBe(reason);
    expect(server.connections()).toBe(0);
  });

  it('while the token is waited for rejects with the reason', async () => {
    authorization = () => new Promise(() => undefined);
    const cancellation = new Cancellation();
    const done = errorOf(upload({ cancellation }));
    cancellation.cancel(reason);
    expect(await done).toBe(reason);
  });

  it('by the time limit is marked once the whole image was sent, as Imgur may have it', async () => {
    const timeout = new RelayError('imgur_timeout', 'Imgur took more than 60 s.');
    for (const [body, isMarked] of [
      [PNG, true],
      [new PassThrough(), false],
    ] as const) {
      const cancellation = new Cancellation();
      handle = (req) => void req.once('data', () => cancellation.cancel(timeout));
      const done = errorOf(upload({ body, cancellation }));
      if (!Buffer.isBuffer(body)) body.write(PNG.subarray(0, 5));
      const error = await done;
      expect(error).toMatchObject({ code: 'imgur_timeout', maxAttempts: isMarked ? 2 : null });
      expect(mayBeDuplicate(error)).toBe(isMarked);
      expect(isMarked ? (error as Error).cause : error).toBe(timeout);
    }
    expect(lines.read()).toMatchObject([{ possibleDuplicate: true }]);
  });

  it('by the time limit is not marked while the end of the image waits to be sent', async () => {
    const arrived = new Promise<http.IncomingMessage>((resolve) => {
      handle = (req) => resolve(req.pause());
    });
    const timeout = new RelayError('imgur_timeout', 'Imgur took more than 60 s.');
    const cancellation = new Cancellation();
    const body = Buffer.alloc(64 * 1024 * 1024);
    const done = errorOf(upload({ body, bytes: body.length, cancellation }));
    await arrived;
    cancellation.cancel(timeout);
    expect(await done).toBe(timeout);
    expect(mayBeDuplicate(timeout)).toBe(false);
  });

  it('for another reason is that reason, also once the whole image was sent', async () => {
    const cancellation = new Cancellation();
    handle = (req) => void bodyOf(req).then(() => cancellation.cancel(reason));
    expect(await errorOf(upload({ cancellation }))).toBe(reason);
  });

  it('after the answer leaves the connection to whoever has it then', async () => {
    reply(200, SUCCESS);
    const cancellation = new Cancellation();
    await upload({ cancellation });
    cancellation.cancel(reason);
    await upload();
    expect(server.connections()).toBe(1);
  });

  it('while a token is refreshed rejects with the reason at once', async () => {
    refresh = () => new Promise(() => undefined);
    const cancellation = new Cancellation();
    const done = errorOf(createClient().refresh(TOKEN, cancellation));
    cancellation.cancel(reason);
    expect(await done).toBe(reason);
    expect(gate.pausedUntil()).toBeNull();
  });

  it.each<[string, (res: http.ServerResponse) => void]>([
    ['amid the image', () => undefined],
    [
      'amid the answer',
      (res) => void res.writeHead(200, { 'Content-Length': 500 }).write('{"data'),
    ],
  ])('%s rejects with the reason and closes the connection', async (_, how) => {
    const cancellation = new Cancellation();
    const closed = new Promise<void>((resolve) => {
      handle = (req, res) => {
        req.socket.once('close', resolve);
        how(res);
        req.once('data', () => setImmediate(() => cancellation.cancel(reason)));
      };
    });
    const body = new PassThrough();
    const done = errorOf(upload({ body, bytes: 1000, cancellation }));
    body.write(Buffer.alloc(10));
    expect(await done).toBe(reason);
    await closed;
  });
});

describe('a token that is not to be had', () => {
  const dead = new RelayError(
    'imgur_auth',
    'Imgur refused the credential: "Invalid refresh token".',
  );

  it('stops the uploads at once: nothing is sent, neither for it nor for those after it', async () => {
    authorization = () => Promise.reject(dead);
    expect(await errorOf(upload())).toBe(dead);
    expect(gate.tryEnter('default')).toBe(dead);
    expect(server.connections()).toBe(0);
  });

  it('stops them as well where it was to replace one that was refused', async () => {
    refresh = () => Promise.reject(dead);
    expect(await errorOf(createClient().refresh(TOKEN, new Cancellation()))).toBe(dead);
    expect(gate.tryEnter('default')).toBe(dead);
  });

  it('stops nothing where that passes', async () => {
    refresh = () => Promise.reject(new RelayError('imgur_unavailable', 'Not now.'));
    await errorOf(createClient().refresh(TOKEN, new Cancellation()));
    expect(gate.pausedUntil()).toBeNull();
  });

  it('as new ones are refused too stops them after several', () => {
    const client = createClient();
    for (let i = 0; i < 3; i += 1) expect(client.refusedAgain().code).toBe('imgur_auth');
    expect(gate.tryEnter('default')).toBe('wait');
  });
});

it('tells what the configured credential has left, and nothing of those that jobs bring', async () => {
  reply(200, SUCCESS, { 'X-RateLimit-ClientRemaining': '1249' });
  await upload();
  await upload({ clientId: 'of-a-job' });
  reply(200, SUCCESS);
  await upload();
  expect(remaining).toEqual([1249]);
});

it('marks a possible duplicate so that another copy of this module reads it', async () => {
  handle = (req) => void bodyOf(req).then(() => req.socket.resetAndDestroy());
  const error = await relayErrorOf(upload());
  jest.resetModules();
  const copy = await import('../../../lib/imgur/possible-duplicate');
  expect(copy.mayBeDuplicate).not.toBe(mayBeDuplicate);
  expect(copy.mayBeDuplicate(error)).toBe(true);
});
