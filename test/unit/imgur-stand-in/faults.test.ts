import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fetch, { type RequestInit } from 'node-fetch';
import { type Fault, IMGUR_FAULTS } from '../../../lib/imgur-stand-in/faults';
import { faultsInTurn, type ScriptedRequest } from '../../../lib/imgur-stand-in/play';
import {
  fixture,
  type ImageReply,
  openRaw,
  pictureForm,
  post,
  PROFILES,
  startImgur,
  stopImgurs,
  until,
  upload,
} from './imgur-under-test';

afterEach(stopImgurs);

const JPEG = fixture('baseline.jpg');
const FAULTS: Record<string, Fault> = IMGUR_FAULTS;

const HEADERS: [string, Record<string, string>][] = [
  ['row5_actions_forbidden', { 'retry-after': '0' }],
  ['row12_expectation_failed', { connection: 'close' }],
  ['row13_daily_limit', { 'content-type': 'application/json' }],
  ['row14_too_many_requests', { 'content-type': 'application/vnd.imgur.v1+json' }],
  ['row14_user_limit_spent', { 'x-ratelimit-userremaining': '0', 'x-ratelimit-userreset': '3600' }],
  ['row15_html', { 'content-type': 'text/html; charset=utf-8' }],
  ['row17_first_byte_timeout', { 'retry-after': '0', 'content-type': 'text/html; charset=utf-8' }],
  ['row18_gateway_timeout', { 'content-type': 'text/html; charset=utf-8' }],
];

const REPLIES = Object.entries(FAULTS).flatMap(([name, fault]) =>
  fault.kind === 'reply' ? [[name, fault] as const] : [],
);

describe('the ready faults', () => {
  test('cover every row of the table', () => {
    const rows = new Set(REPLIES.map(([name]) => /^row(\d+)_/.exec(name)?.[1]));
    for (let row = 1; row <= 18; row += 1) expect(rows).toContain(String(row));
  });

  test.each(REPLIES)('%s is played as told', async (name, { status, body }) => {
    const imgur = await startImgur({ script: () => FAULTS[name] });
    const response = await post(`${imgur.url}/3/image`, pictureForm(JPEG));
    expect([response.status, await response.text()]).toEqual([status, body]);
    expect(imgur.heldBytes).toBe(0);
    expect(imgur.uploads).toHaveLength(name.startsWith('early') ? 0 : 1);
  });

  test.each(HEADERS)('%s has its headers', async (name, headers) => {
    const imgur = await startImgur({ script: () => FAULTS[name] });
    const response = await post(`${imgur.url}/3/image`, pictureForm(JPEG));
    expect(Object.fromEntries(response.headers)).toMatchObject(headers);
  });

  test.each(['reset_before_body', 'reset_mid_body'] as const)('%s stores nothing', async (name) => {
    const imgur = await startImgur({ script: faultsInTurn(IMGUR_FAULTS[name]) });
    await expect(post(`${imgur.url}/3/image`, pictureForm(JPEG))).rejects.toMatchObject({
      code: expect.stringMatching(/^(ECONNRESET|EPIPE)$/) as string,
    });
    await until(() => imgur.heldBytes === 0);
    expect(imgur.uploads).toEqual([]);
    expect((await upload(imgur, JPEG)).status).toBe(200);
  });

  test('reset_after_body comes when the picture is stored', async () => {
    const imgur = await startImgur({ script: () => IMGUR_FAULTS.reset_after_body });
    await expect(post(`${imgur.url}/3/image`, pictureForm(JPEG))).rejects.toMatchObject({
      code: 'ECONNRESET',
    });
    expect(imgur.uploads).toMatchObject([{ picture: { width: 640, height: 480 } }]);
    expect(imgur.heldBytes).toBeGreaterThan(JPEG.length);
  });

  test.each([
    ['hang_before_body', 0],
    ['hang_after_body', 1],
  ] as const)('%s never answers', async (name, stored) => {
    let asked = 0;
    const imgur = await startImgur({
      script: () => {
        asked += 1;
        return IMGUR_FAULTS[name];
      },
    });
    const outcome = post(`${imgur.url}/3/image`, pictureForm(JPEG)).catch(
      (error: unknown) => error,
    );
    await until(() => asked === 1 && imgur.uploads.length === stored);
    await imgur.close();
    expect(await outcome).toMatchObject({ code: 'ECONNRESET' });
    expect(imgur.uploads).toHaveLength(stored);
  });

  test('slow_reply answers as usual, later', async () => {
    const delay = { ...IMGUR_FAULTS.slow_reply, ms: 60 };
    const imgur = await startImgur({ script: faultsInTurn(delay) });
    const start = performance.now();
    expect((await upload(imgur, JPEG)).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThanOrEqual(55);
    expect(IMGUR_FAULTS.slow_reply.kind).toBe('delay');
  });

  test('slow_read takes the time that the bytes need at its rate', async () => {
    const slow = { ...IMGUR_FAULTS.slow_read, bytesPerSecond: JPEG.length * 10 };
    const imgur = await startImgur({ script: faultsInTurn(slow) });
    const start = performance.now();
    expect((await upload(imgur, JPEG)).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThanOrEqual(95);
    expect(imgur.uploads[0]?.bytes.equals(JPEG)).toBe(true);
  });

  test('a client that leaves during slow_read leaves nothing behind', async () => {
    const slow: Fault = { kind: 'slow-read', bytesPerSecond: 40_000_000 };
    const imgur = await startImgur({
      script: () => slow,
      maxBytes: 40_000_000,
      maxImageBytes: 30_000_000,
    });
    const leave = new AbortController();
    // More than the kernel's buffers take, so that part of it is never sent.
    const big = pictureForm(Buffer.concat([JPEG, Buffer.alloc(25_000_000)]));
    const outcome = fetch(`${imgur.url}/3/image`, {
      method: 'POST',
      body: big.getBuffer(),
      headers: { Authorization: 'Client-ID tester', ...big.getHeaders() },
      // Node's signal lacks a member of an older draft that node-fetch's types still ask for.
      signal: leave.signal as NonNullable<RequestInit['signal']>,
    }).catch((error: unknown) => error);
    await until(() => imgur.heldBytes > 0);
    leave.abort();
    expect(await outcome).toMatchObject({ name: 'AbortError' });
    await until(() => imgur.heldBytes === 0);
    expect(imgur.uploads).toEqual([]);
  });
});

describe('a script', () => {
  test('is asked once for each upload, whatever its path, and for nothing else', async () => {
    const asked: ScriptedRequest[] = [];
    const imgur = await startImgur({
      script: (request) => {
        asked.push(request);
        return undefined;
      },
    });
    for (const path of PROFILES) await upload(imgur, JPEG, path);
    await fetch(`${imgur.url}/3/credits`, { headers: { Authorization: 'Client-ID tester' } });
    expect(asked).toMatchObject([
      {
        method: 'POST',
        path: '/3/image',
        count: 1,
        headers: { authorization: 'Client-ID tester' },
      },
      { method: 'POST', path: '/3/upload', count: 2 },
    ]);
  });

  test('plays faults in turn, then none', async () => {
    const { row16_could_not_process, row17_first_byte_timeout } = IMGUR_FAULTS;
    const imgur = await startImgur({
      script: faultsInTurn(row16_could_not_process, undefined, row17_first_byte_timeout),
    });
    const statuses: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      statuses.push((await post(`${imgur.url}/3/image`, pictureForm(JPEG))).status);
    }
    expect(statuses).toEqual([500, 200, 503, 200]);
  });

  test('answers before the body on request, and the client still gets the reply', async () => {
    const { early_over_capacity } = IMGUR_FAULTS;
    const imgur = await startImgur({ script: () => early_over_capacity });
    const raw = openRaw(imgur, ['POST /3/image HTTP/1.1', 'Content-Length: 1000']);
    await until(() => raw.received().endsWith(early_over_capacity.body));
    raw.socket.destroy();

    const response = await post(`${imgur.url}/3/image`, pictureForm(Buffer.alloc(5_000_000)));
    expect(response.status).toBe(503);
  });

  test('can answer with an error for a picture that was stored all the same', async () => {
    const stores = { ...IMGUR_FAULTS.row17_first_byte_timeout, stores: true, delayMs: 1 };
    const imgur = await startImgur({ script: () => stores });
    expect((await post(`${imgur.url}/3/image`, pictureForm(JPEG))).status).toBe(503);
    expect(imgur.uploads[0]?.picture?.bytes.equals(JPEG)).toBe(true);
    expect(imgur.heldBytes).toBeGreaterThan(JPEG.length);
  });

  test('does not excuse a request that is wrong', async () => {
    const imgur = await startImgur({ script: () => IMGUR_FAULTS.ok_empty });
    const response = await post(`${imgur.url}/3/image`, pictureForm(JPEG, { type: 'url' }));
    expect(response.status).toBe(400);
    expect(((await response.json()) as ImageReply).data.error).toContain('must be file');
  });

  test('without one, nothing that a client sends is a fault', async () => {
    const imgur = await startImgur();
    const names = Object.keys(FAULTS);
    const form = pictureForm(JPEG, { title: names.join(), fault: names[0]!, script: names[0]! });
    const response = await post(`${imgur.url}/3/image?fault=${names[0]!}`, form, {
      'X-Fault': names[0]!,
    });
    expect(response.status).toBe(200);
  });
});

test('every fault of Imgur in the vectors has one here', () => {
  const played: Record<string, Fault> = {
    '429 X-RateLimit-UserRemaining 0, UserReset 3600': IMGUR_FAULTS.row14_user_limit_spent,
    '429 {"data":{"error":{"code":429,"message":"...wait 37 more minutes"}}}':
      IMGUR_FAULTS.row14_wait_37_minutes,
    '429 {"errors":[{"code":"429"}]}': IMGUR_FAULTS.row14_too_many_requests,
    '400 "Uploading file too fast!"': IMGUR_FAULTS.row4_uploading_file_too_fast,
    '400 "These actions are forbidden."': IMGUR_FAULTS.row5_actions_forbidden,
    '403 "temporarily over capacity"': IMGUR_FAULTS.row10_over_capacity,
    '417 "Internal expectation failed"': IMGUR_FAULTS.row12_expectation_failed,
    '413': IMGUR_FAULTS.row11_too_large,
    '503 HTML body (Varnish)': IMGUR_FAULTS.row17_first_byte_timeout,
    '200 but body not JSON / no link': IMGUR_FAULTS.ok_not_json,
    '200 success:false': IMGUR_FAULTS.ok_success_false,
    'connection cut after body sent, before reply': IMGUR_FAULTS.reset_after_body,
    '401 / 403 bad client id': IMGUR_FAULTS.row8_invalid_client_id,
  };
  const vectors = readFileSync(join(__dirname, '../../fixtures/vectors/faults.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { side: string; fault: string })
    .filter(({ side }) => side === 'imgur');
  expect(vectors.map(({ fault }) => fault).sort()).toEqual(Object.keys(played).sort());
  for (const { fault } of vectors) {
    const status = Number(/^\d{3}/.exec(fault)?.[0] ?? NaN);
    const reply = played[fault];
    if (reply?.kind === 'reply') expect([status, 403]).toContain(reply.status);
  }
});
