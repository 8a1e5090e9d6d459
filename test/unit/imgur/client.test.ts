import type { EventEmitter } from 'node:events';
import http from 'node:http';
import type { Socket } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import busboy from 'busboy';
import { Cancellation } from '../../../lib/cancellation';
import { RelayError, type ReasonCode } from '../../../lib/errors';
import { createImgurClient, type ImgurClient } from '../../../lib/imgur/client';
import type { ImageUpload } from '../../../lib/imgur/exchange';
import type { UploadOutcome } from '../../../lib/imgur/outcome';
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

type ImageParts = Partial<Omit<ImageUpload, 'body'>> & { body?: Buffer | Readable };

function upload(image: ImageParts = {}, apiUrl = server.url): Promise<UploadOutcome> {
  return createClient(apiUrl).upload(imageOf(image));
}

function imageOf({ body = PNG, ...image }: ImageParts = {}): ImageUpload {
  return {
    body: Buffer.isBuffer(body) ? Readable.from([body]) : body,
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
    onRemaining,
    now,
  });
}

async function errorOf(upload: Promise<UploadOutcome>): Promise<RelayError> {
  const outcome = await upload;
  if (!('error' in outcome)) throw new Error(`expected a failure, got ${outcome.kind}`);
  return outcome.error;
}

/** An upload that Imgur may have taken all the same. */
const marked = (error: Partial<RelayError>) => ({
  kind: 'failed',
  error: expect.objectContaining({ retryable: true, maxAttempts: 2, ...error }) as RelayError,
  possibleDuplicate: true,
});

/** An image whose token is refused each time. */
const persist = (client: ImgurClient, cancellation = new Cancellation()) =>
  client.persist(
    () => Promise.resolve({ kind: 'token_refused', authorization: TOKEN }),
    cancellation,
  );

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
    await expect(upload()).resolves.toMatchObject({ kind: 'uploaded', link: LINK });
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

  it('carries the credential and who sends it, and neither Origin nor Referer', async () => {
    const received = receive();
    await upload();
    const { headers } = await received;
    expect(headers).toMatchObject({
      authorization: TOKEN,
      accept: 'application/json',
      'user-agent': 'image-relay/test',
    });
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
    await expect(done).resolves.toMatchObject({ kind: 'uploaded', link: LINK });
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
  const NEVER = { retryable: false };
  const ALWAYS = { retryable: true, maxAttempts: null };
  const THRICE = { retryable: true, maxAttempts: 3 };
  it.each<[number, string, ReasonCode, object, string]>([
    [400, 'File type invalid (1)', 'imgur_rejected', NEVER, 'Imgur refused the image'],
    [413, '', 'too_large', NEVER, 'The image is too large for Imgur'],
    [403, 'Malformed auth header', 'imgur_auth', NEVER, 'Imgur refused the credential'],
    [403, 'Invalid client_id', 'imgur_auth', THRICE, 'Imgur refused the client ID'],
    [400, 'These actions are forbidden.', 'imgur_forbidden', NEVER, "Imgur blocks this service's"],
    [500, 'Could not process upload!', 'imgur_unavailable', ALWAYS, 'Imgur is not available'],
    [417, 'Internal expectation failed', 'imgur_unavailable', THRICE, 'Imgur failed on the image'],
    [302, '', 'imgur_bad_response', ALWAYS, "Imgur's answer (HTTP 302) has no usable link"],
  ])('by %i "%s" becomes %s with the words of Imgur', async (status, said, code, tries, words) => {
    const body = said === '' ? '' : refusal(said, status);
    reply(status, body, status === 302 ? { Location: `${server.url}/elsewhere` } : {});
    const outcome = await upload();
    expect(outcome).toEqual({
      kind: 'failed',
      error: expect.objectContaining({ code, ...tries }) as Error,
    });
    const { message } = await errorOf(Promise.resolve(outcome));
    expect(message).toContain(words);
    expect(message).toContain(`"${said || `HTTP ${status}`}"`);
    expect(gate.pausedUntil()).toBeNull();
  });

  it('by a page that comes with a 200 may have taken the image all the same', async () => {
    reply(200, '<title>Welcome</title>');
    expect(await upload()).toEqual(marked({ code: 'imgur_bad_response' }));
  });

  it('honours Retry-After up to 30 s', async () => {
    reply(503, '', { 'Retry-After': '7' });
    expect((await errorOf(upload())).retryAfterMs).toBe(7000);
    reply(503, '', { 'Retry-After': '700' });
    expect((await errorOf(upload())).retryAfterMs).toBe(30_000);
  });

  it('for uploading too fast closes the gate and gives the image back', async () => {
    reply(429, refusal({ code: 429, message: 'Please wait 37 more minutes.' }, 429));
    expect(await upload()).toEqual({ kind: 'paused' });
    expect(gate.tryEnter('default')).toBe('wait');
    const left = Date.parse(gate.pausedUntil() ?? '') - Date.now();
    expect(Math.round(left / 60_000)).toBe(37);
  });

  it('of the token carries the header for the refresh, and is not logged', async () => {
    reply(403, refusal('The access token provided is invalid.', 403));
    expect(await upload()).toEqual({ kind: 'token_refused', authorization: TOKEN });
    expect(lines.text()).toBe('');
  });

  it('of a token that a client ID cannot have is imgur_auth', async () => {
    authorization = () => Promise.resolve('Client-ID abcdef');
    reply(403, refusal('The access token provided is invalid.', 403));
    expect((await errorOf(upload())).code).toBe('imgur_auth');
  });

  it('that repeats the credential shows it neither in message nor log', async () => {
    reply(400, refusal(`no: ${TOKEN}`, 400));
    expect((await errorOf(upload())).message).toContain('no: Bearer ***');
    reply(429, refusal(`no: ${TOKEN}`, 429));
    expect(await upload()).toEqual({ kind: 'paused' });
    expect(lines.text()).toContain('no: Bearer ***');
    expect(lines.text()).not.toContain('s3cret-access-token');
  });

  it.each<[string, object | 'wait']>([
    ['Invalid client_id', 'wait'],
    ['Malformed auth header', 'wait'],
    ['The access token provided is invalid.', 'wait'],
    ['Forbidden', { code: 'imgur_forbidden' }],
  ])('by "%s" three times in a row stops the uploads after it', async (words, expected) => {
    authorization = () => Promise.resolve('Bearer cannot-be-renewed');
    reply(403, refusal(words, 403));
    for (let i = 0; i < 3; i += 1) await errorOf(upload());
    const answer = gate.tryEnter('default');
    expect([answer]).toEqual([expected === 'wait' ? 'wait' : expect.objectContaining(expected)]);
  });

  it('comes through before the image was sent whole', async () => {
    const body = new PassThrough();
    handle = (_req, res) => answer(res, 413, refusal('File is over the size limit', 413));
    const done = errorOf(upload({ body, bytes: 10_000_000 }));
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
    const done = errorOf(upload({ body, bytes }));
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
      const error = await errorOf(upload({ body, bytes: 100 * 65_536 }));
      expect(error.code).toBe('too_large');
      await closed;
    }
  });
});

describe('a success', () => {
  it('that uses the limit up closes the gate', async () => {
    reply(200, SUCCESS, { 'x-post-rate-limit-remaining': '0', 'x-post-rate-limit-reset': '60' });
    await expect(upload()).resolves.toMatchObject({ kind: 'uploaded', link: LINK });
    expect(gate.tryEnter('default')).toBe('wait');
    expect(lines.read()).toMatchObject([{ level: 'warn', key: 'default' }]);
  });

  it('that uses the limit up is no refusal, whatever the headers say of a wait', async () => {
    const [pause, spend] = [jest.spyOn(gate, 'pause'), jest.spyOn(gate, 'spend')];
    reply(200, SUCCESS, { 'x-ratelimit-clientremaining': '0' });
    await upload();
    reply(400, refusal('File type invalid (1)', 400), { 'x-ratelimit-clientremaining': '0' });
    await errorOf(upload());
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
    await errorOf(upload());
    expect(spend).not.toHaveBeenCalled();
  });

  it('is not believed before the whole image was sent', async () => {
    handle = (_req, res) => answer(res, 200, SUCCESS);
    const { body, bytes } = largeImage();
    expect((await errorOf(upload({ body, bytes }))).code).toBe('imgur_bad_response');
    const whole = Buffer.alloc(bytes);
    expect((await errorOf(upload({ body: whole, bytes }))).code).toBe('imgur_bad_response');
  });

  it('is not believed where its answer is cut off: the image may be there', async () => {
    handle = (req, res) =>
      void bodyOf(req).then(() => {
        res.writeHead(200, { 'Content-Length': 500 });
        res.write('{"data":{"link":"https://i.imgur', () => req.socket.destroy());
      });
    expect(await upload()).toEqual(marked({ code: 'imgur_unavailable' }));
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
    expect((await errorOf(upload())).code).toBe('imgur_bad_response');
    await closed;
  });
});

describe('an answer of more than 64 kB', () => {
  it('that is whole all the same leaves no connection behind', async () => {
    reply(503, 'x'.repeat(70_000));
    for (let n = 0; n < 5; n += 1) await errorOf(upload());
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
    expect((await errorOf(upload())).code).toBe('imgur_unavailable');
  });

  it('is one that brings nothing but informational answers', async () => {
    handle = (req) => {
      req.socket.on('error', () => undefined);
      req.socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(6));
    };
    expect(await upload()).toEqual(marked({ code: 'imgur_unavailable' }));
  });

  it('that never came about is tried again', async () => {
    const gone = await startServer(() => undefined);
    await gone.close();
    const outcome = await upload({}, gone.url);
    const error = { code: 'imgur_unavailable', retryable: true, maxAttempts: null };
    expect(outcome).toEqual({ kind: 'failed', error: expect.objectContaining(error) as Error });
    expect((await errorOf(Promise.resolve(outcome))).message).not.toContain('127.0.0.1');
  });

  it('amid the image is tried once more, and marked', async () => {
    handle = (req) => void req.once('data', () => req.socket.resetAndDestroy());
    const body = new PassThrough();
    const done = upload({ body, bytes: 1_000_000 });
    body.write(Buffer.alloc(100_000));
    expect(await done).toEqual(marked({ code: 'imgur_unavailable' }));
  });

  it('after the image is tried once more, and marked', async () => {
    handle = (req) => void bodyOf(req).then(() => req.socket.resetAndDestroy());
    expect(await upload()).toEqual(marked({ code: 'imgur_unavailable' }));
  });
});

describe('a connection from an upload before that was closed meanwhile', () => {
  let sockets: Socket[];
  let elapsed: number;
  let client: ImgurClient;

  const isIdle = (): boolean => Object.keys(agent.freeSockets).length > 0;

  /** Uploads, and leaves a connection that idles from a time on which is 0. */
  beforeEach(async () => {
    sockets = [];
    elapsed = 0;
    client = createClient(server.url, () => elapsed);
    handle = (req, res) => {
      sockets.push(req.socket);
      void bodyOf(req).then(() => answer(res, 200, SUCCESS));
    };
    await client.upload(imageOf());
    await awaitUntil('the connection to idle', isIdle);
    elapsed = 500;
  });

  it.each<[string, (socket: Socket) => void]>([
    ['reset', (socket) => socket.resetAndDestroy()],
    ['ended', (socket) => socket.destroy()],
  ])('and %s is seen before anything was sent: it was no upload', async (_, end) => {
    const body = Readable.from([PNG]);
    end(sockets[0]!);
    const error = { code: 'imgur_unavailable', retryable: true };
    expect(await client.upload(imageOf({ body }))).toMatchObject({ kind: 'unsent', error });
    expect(body.readableFlowing).toBeNull();
    expect(lines.read()).toEqual([]);
  });

  it('is not looked at first after less than half a second, in which none is closed', async () => {
    elapsed = 499;
    sockets[0]!.resetAndDestroy();
    expect((await client.upload(imageOf())).kind).toBe('failed');
  });

  it('and reset amid the image was no upload either', async () => {
    handle = (req) => void req.once('data', () => req.socket.resetAndDestroy());
    const body = new PassThrough();
    const done = client.upload(imageOf({ body, bytes: 1_000_000 }));
    body.write(Buffer.alloc(100_000));
    expect((await done).kind).toBe('unsent');
  });

  it('and reset after the image leaves the doubt of any other', async () => {
    handle = (req) => void bodyOf(req).then(() => req.socket.resetAndDestroy());
    expect(await client.upload(imageOf())).toEqual(marked({ code: 'imgur_unavailable' }));
  });

  it('takes those that idle beside it with it', async () => {
    await Promise.all([1, 2, 3].map(() => client.upload(imageOf())));
    const idle = (): Socket[] => Object.values(agent.freeSockets)[0] ?? [];
    await awaitUntil('three to idle', () => idle().length === 3);
    elapsed = 1000;
    const closed = sockets.map((socket) => closing(socket));
    // The one that is used next.
    const port = idle().at(-1)?.localPort;
    sockets.find((socket) => socket.remotePort === port)!.resetAndDestroy();
    expect((await client.upload(imageOf())).kind).toBe('unsent');
    await Promise.all(closed);
  });
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
    const broken = new RelayError('truncated', 'The source broke.');
    body.destroy(broken);
    expect(await done).toBe(broken);
    await closed;
    expect(req.complete).toBe(false);
  });

  it('that broke off before the upload ends it before anything is sent', async () => {
    const broken = new RelayError('truncated', 'The source broke.');
    const body = new PassThrough().on('error', () => undefined);
    await closing(body.destroy(broken));
    expect(await errorOf(upload({ body }))).toBe(broken);
    expect(server.connections()).toBe(0);
  });

  it('that is destroyed without an error ends the upload as well', async () => {
    handle = () => undefined;
    const body = new PassThrough();
    const done = errorOf(upload({ body, bytes: 1000 }));
    body.write(Buffer.alloc(10));
    body.destroy();
    expect((await done).code).toBe('truncated');
  });

  it.each([
    ['more', 12, 14],
    ['fewer', 14, 12],
  ])('that has %s bytes than announced never arrives as a whole', async (what, bytes, sent) => {
    const arrived = new Promise<http.IncomingMessage>((resolve) => {
      handle = (req) => void req.once('data', () => resolve(req));
    });
    const body = new PassThrough();
    const done = errorOf(upload({ body, bytes }));
    body.write(Buffer.alloc(5));
    const req = await arrived;
    const closed = closing(req);
    body.end(Buffer.alloc(sent - 5));
    expect(await done).toMatchObject({
      code: 'truncated',
      message: `The source sent ${what} bytes than it announced.`,
    });
    await closed;
    expect(req.complete).toBe(false);
  });
});

describe('a cancellation', () => {
  const reason = new RelayError('cancelled', 'Cancelled by the test.');

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
      const done = upload({ body, cancellation });
      if (!Buffer.isBuffer(body)) body.write(PNG.subarray(0, 5));
      expect(await done).toEqual(
        isMarked
          ? marked({ code: 'imgur_timeout', cause: timeout })
          : { kind: 'failed', error: timeout },
      );
    }
  });

  it('by the time limit is not marked while the end of the image waits to be sent', async () => {
    const arrived = new Promise<http.IncomingMessage>((resolve) => {
      handle = (req) => resolve(req.pause());
    });
    const timeout = new RelayError('imgur_timeout', 'Imgur took more than 60 s.');
    const cancellation = new Cancellation();
    const body = Buffer.alloc(64 * 1024 * 1024);
    const done = upload({ body, bytes: body.length, cancellation });
    await arrived;
    cancellation.cancel(timeout);
    expect(await done).toEqual({ kind: 'failed', error: timeout });
  });

  it('for another reason is that reason, marked once the whole image was sent', async () => {
    const cancellation = new Cancellation();
    handle = (req) => void bodyOf(req).then(() => cancellation.cancel(reason));
    const outcome = { kind: 'failed', error: reason, possibleDuplicate: true };
    expect(await upload({ cancellation })).toEqual(outcome);
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
    const done = persist(createClient(), cancellation);
    cancellation.cancel(reason);
    await expect(done).rejects.toBe(reason);
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
    await expect(persist(createClient())).rejects.toBe(dead);
    expect(gate.tryEnter('default')).toBe(dead);
  });

  it('as the address is blocked stops them after three', async () => {
    const blocked = new RelayError('imgur_forbidden', 'Imgur blocks this address.');
    authorization = () => Promise.reject(blocked);
    for (let i = 0; i < 3; i += 1) expect(await errorOf(upload())).toBe(blocked);
    expect(gate.tryEnter('default')).toBe(blocked);
  });

  it('stops nothing where that passes', async () => {
    const notNow = new RelayError('imgur_unavailable', 'Not now.');
    refresh = () => Promise.reject(notNow);
    await expect(persist(createClient())).rejects.toBe(notNow);
    expect(gate.pausedUntil()).toBeNull();
  });

  it('as new ones are refused too stops them after several', async () => {
    const client = createClient();
    for (let i = 0; i < 3; i += 1) {
      expect((await errorOf(persist(client) as Promise<UploadOutcome>)).code).toBe('imgur_auth');
    }
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

describe('an attempt', () => {
  const uploaded = { kind: 'uploaded', link: LINK, bytes: 1, type: 'image/png' } as const;
  const refused = { kind: 'token_refused', authorization: TOKEN } as const;
  const error = new RelayError('imgur_unavailable', 'Imgur closed the connection.');
  const unsent = { kind: 'unsent', error } as const;

  it.each<[string, (typeof uploaded | typeof refused | typeof unsent)[], object, number]>([
    ['whose token was refused goes once more with another', [refused, uploaded], uploaded, 1],
    ['that was not sent goes once more', [unsent, uploaded], uploaded, 0],
    ['that was not sent twice has failed', [unsent, unsent], { kind: 'failed', error }, 0],
    ['can be not sent with either token', [unsent, refused, unsent, uploaded], uploaded, 1],
  ])('%s', async (_, outcomes, expected, refreshes) => {
    let count = 0;
    refresh = () => {
      count += 1;
      return Promise.resolve();
    };
    const left = [...outcomes];
    const attempt = (): Promise<(typeof outcomes)[number]> => Promise.resolve(left.shift()!);
    expect(await createClient().persist(attempt, new Cancellation())).toEqual(expected);
    expect([left, count]).toEqual([[], refreshes]);
  });
});
