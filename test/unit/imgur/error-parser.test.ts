import fc from 'fast-check';
import { parseImgurReply, type ImgurFailure, type Verdict } from '../../../lib/imgur/error-parser';

const NO_HEADERS = {};

function fail(
  status: number,
  body: string,
  headers: Record<string, string> = {},
  now?: number,
): ImgurFailure {
  const reply = parseImgurReply(status, Object.fromEntries(new Headers(headers)), body, now);
  if (reply.kind !== 'failure') throw new Error(`expected a failure, got ${JSON.stringify(reply)}`);
  return reply;
}

const legacy = (error: unknown, status: number): string =>
  JSON.stringify({ data: { error, request: '/3/image', method: 'POST' }, success: false, status });

const SUCCESS =
  '{"data":{"id":"SKAxiks","title":null,"type":"image\\/png","width":100,"size":91,"deletehash":"1NV90wWpO691n05","name":"","link":"https:\\/\\/i.imgur.com\\/SKAxiks.png"},"success":true,"status":200}';

const withLink = (link: unknown): string =>
  JSON.stringify({ data: { id: 'SKAxiks', link }, success: true, status: 200 });

describe('a success', () => {
  it('gives link, id and deletehash, with the slashes unescaped', () => {
    expect(parseImgurReply(200, NO_HEADERS, SUCCESS)).toEqual({
      kind: 'success',
      link: 'https://i.imgur.com/SKAxiks.png',
      id: 'SKAxiks',
      deletehash: '1NV90wWpO691n05',
    });
  });

  it.each([
    ['an http link of imgur.com', 'http://i.imgur.com/a.png', 'https://i.imgur.com/a.png'],
    ['an http link of the bare host', 'http://imgur.com/a.png', 'https://imgur.com/a.png'],
    ['a trailing dot', 'https://i.imgur.com/abc.', 'https://i.imgur.com/abc'],
    [
      'localhost, which stays http',
      'http://localhost:3000/i/a.png',
      'http://localhost:3000/i/a.png',
    ],
    ['a host that only ends like it', 'http://notimgur.com/a.png', 'http://notimgur.com/a.png'],
  ])('normalises %s', (_, given, expected) => {
    expect(parseImgurReply(200, NO_HEADERS, withLink(given))).toMatchObject({ link: expected });
  });

  it.each([
    ['no link', undefined],
    ['null', null],
    ['a number', 7],
    ['an empty text', ''],
    ['a relative link', '/a.png'],
    ['another scheme', 'javascript:alert(1)'],
    ['credentials', 'https://user:pass@i.imgur.com/a.png'],
    ['a link that is far too long', `https://i.imgur.com/${'a'.repeat(3000)}`],
  ])('is none with %s for a link', (_, link) => {
    expect(fail(200, withLink(link))).toMatchObject({ verdict: 'bad_response', status: 200 });
  });

  it('does without an id', () => {
    const body = '{"data":{"link":"https://i.imgur.com/a.png"},"success":true,"status":200}';
    expect(parseImgurReply(200, NO_HEADERS, body)).toMatchObject({
      kind: 'success',
      id: null,
      deletehash: null,
    });
  });
});

const FASTLY = (title: string): string =>
  `<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n<html>\n<head><title>${title}</title></head><body><h1>Error</h1></body></html>`;

const ROWS: [row: string, http: number, body: string, Verdict, status: number, message: string][] =
  [
    [
      '1: legacy, wrong type',
      400,
      '{"data":{"error":{"code":1003,"message":"File type invalid (1)","type":"ImgurException","exception":[]},"request":"\\/3\\/image","method":"POST"},"success":false,"status":400}',
      'rejected',
      400,
      'File type invalid (1)',
    ],
    [
      '2: legacy, too large',
      400,
      legacy('File is over the size limit', 400),
      'too_large',
      400,
      'File is over the size limit',
    ],
    [
      '3: upload, wrong type',
      400,
      legacy("We don't support that file type!", 400),
      'rejected',
      400,
      "We don't support that file type!",
    ],
    ['3: no usable image', 400, legacy('Bad Request', 400), 'rejected', 400, 'Bad Request'],
    [
      '4: the hourly cap on a 400',
      400,
      legacy(
        { code: 429, message: 'You are uploading too fast. Please wait 59 more minutes.' },
        400,
      ),
      'rate_limited',
      429,
      'You are uploading too fast. Please wait 59 more minutes.',
    ],
    [
      '5: blocked',
      400,
      legacy({ code: 403, message: 'Forbidden' }, 400),
      'forbidden',
      403,
      'Forbidden',
    ],
    [
      '5: blocked, newer words',
      400,
      '{"data":{"error":"These actions are forbidden."},"success":false,"status":400}',
      'forbidden',
      400,
      'These actions are forbidden.',
    ],
    [
      '6: no Authorization',
      401,
      legacy('Authentication required', 401),
      'auth',
      401,
      'Authentication required',
    ],
    [
      '7: malformed',
      403,
      legacy('Malformed auth header', 403),
      'auth',
      403,
      'Malformed auth header',
    ],
    [
      '8: client ID',
      403,
      legacy('Invalid client_id', 403),
      'bad_client_id',
      403,
      'Invalid client_id',
    ],
    [
      '9: token',
      403,
      legacy('The access token provided is invalid.', 403),
      'token_refused',
      403,
      'The access token provided is invalid.',
    ],
    [
      '10: over capacity',
      403,
      '{"data":{"error":"Imgur is temporarily over capacity. Please try again later."},"success":false,"status":403}',
      'rate_limited',
      403,
      'Imgur is temporarily over capacity. Please try again later.',
    ],
    [
      '11: stringified JSON',
      413,
      legacy(
        '{"id":"legacy-api-57d8","code":413,"detail":"file is over the size limit","status":"Request Entity Too Large"}',
        413,
      ),
      'too_large',
      413,
      'file is over the size limit',
    ],
    [
      '12: the catch-all',
      417,
      '{"status":417,"success":false,"data":{"error":"Internal expectation failed","request":"/3/upload","method":"POST"}}',
      'flaky',
      417,
      'Internal expectation failed',
    ],
    [
      '13: client quota',
      429,
      legacy('Daily client requests exceeded', 429),
      'rate_limited',
      429,
      'Daily client requests exceeded',
    ],
    [
      '14: errors[]',
      429,
      '{"errors":[{"id":"legacy-api-pod/rid","code":"429","status":"Too Many Requests","detail":"Too Many Requests"}]}',
      'rate_limited',
      429,
      'Too Many Requests',
    ],
    [
      '15: two documents',
      429,
      `${legacy('Rate "}" {limit', 429)}\n{"errors":[{"code":"500"}]}`,
      'rate_limited',
      429,
      'Rate "}" {limit',
    ],
    [
      '15: HTML',
      429,
      FASTLY('429 Too &quot;Many&quot;\n Requests'),
      'rate_limited',
      429,
      '429 Too "Many" Requests',
    ],
    [
      '16: passing',
      500,
      legacy('Could not process upload!', 500),
      'unavailable',
      500,
      'Could not process upload!',
    ],
    [
      '16: errors[]',
      500,
      '{"errors":[{"id":"","code":"500","status":"Internal Server Error","detail":"Internal Server Error"}]}',
      'unavailable',
      500,
      'Internal Server Error',
    ],
    [
      '17: Fastly',
      503,
      FASTLY('503 first byte timeout'),
      'unavailable',
      503,
      '503 first byte timeout',
    ],
    [
      '18: 404',
      404,
      FASTLY('imgur: the simple 404 page'),
      'rejected',
      404,
      'imgur: the simple 404 page',
    ],
    ['18: 405', 405, FASTLY('405 Not Allowed'), 'rejected', 405, '405 Not Allowed'],
    ['18: 504', 504, FASTLY('504 Gateway Time-out'), 'unavailable', 504, '504 Gateway Time-out'],
    [
      'too fast on a 400',
      400,
      legacy('Uploading file too fast!', 400),
      'rate_limited',
      400,
      'Uploading file too fast!',
    ],
    ['a 413 without words', 413, '', 'too_large', 413, 'HTTP 413'],
    ['a 401 without words', 401, '', 'auth', 401, 'HTTP 401'],
    ['a request time-out', 408, '', 'unavailable', 408, 'HTTP 408'],
    [
      'a dead refresh token',
      400,
      legacy('Invalid refresh token', 400),
      'auth',
      400,
      'Invalid refresh token',
    ],
    [
      '200 with success false and an inner status',
      200,
      legacy('nope', 400),
      'rejected',
      400,
      'nope',
    ],
    [
      '200 with success false and nothing else',
      200,
      '{"success":false}',
      'bad_response',
      200,
      'no link',
    ],
    [
      '200 with success false and words',
      200,
      '{"data":{"error":"Uploading file too fast!"},"success":false,"status":200}',
      'rate_limited',
      200,
      'Uploading file too fast!',
    ],
    ['200 with a page', 200, FASTLY('Forbidden island'), 'bad_response', 200, 'Forbidden island'],
    ['200 with nothing', 200, '', 'bad_response', 200, 'no link'],
    ['200 with another shape', 200, '[1,2]', 'bad_response', 200, 'no link'],
    ['200 with cut JSON', 200, SUCCESS.slice(0, 80), 'bad_response', 200, 'no link'],
    ['a redirect', 302, '', 'bad_response', 302, 'HTTP 302'],
    ['429 outside, 400 inside', 429, legacy('slow', 400), 'rate_limited', 429, 'slow'],
  ];

describe('a refusal', () => {
  it.each(ROWS)('of row %s', (_, http, body, verdict, status, message) => {
    const { waitMs, ...reply } = fail(http, body, {});
    expect(reply).toEqual({ kind: 'failure', status, message, verdict });
    expect(waitMs).toBe(message.includes('59 more minutes') ? 59 * 60_000 : null);
  });

  it('does not take a Retry-After of 0 for a wait', () => {
    expect(fail(503, FASTLY('503'), { 'retry-after': '0' }).waitMs).toBeNull();
  });

  it('waits as Retry-After says', () => {
    expect(fail(503, '', { 'retry-after': '7' })).toMatchObject({ waitMs: 7000 });
  });

  it('waits for the reset of a limit that is used up', () => {
    const headers = { 'X-RateLimit-UserRemaining': '0', 'X-RateLimit-UserReset': '3600' };
    expect(fail(429, legacy('x', 429), headers)).toMatchObject({ waitMs: 3_600_000 });
  });

  it('trusts the words before the headers', () => {
    const body = legacy({ code: 429, message: 'please wait 37 more minutes' }, 429);
    expect(fail(429, body, { 'retry-after': '5' }).waitMs).toBe(37 * 60_000);
  });

  it('keeps its message short and harmless', () => {
    const { message } = fail(
      400,
      legacy(`a\u0000\u001b[31mb\u202e<b>c</b>\ud800 ${'😀'.repeat(200)}`, 400),
    );
    expect(message.length).toBeLessThanOrEqual(200);
    expect(message).toMatch(/^a \[31mb c 😀/);
    expect(message).not.toMatch(/\p{Cs}/u);
  });

  it.each([
    ['many open tags', '<title'.repeat(12_000)],
    ['many angles', '<'.repeat(65_000)],
    ['deep brackets', '['.repeat(65_000)],
    ['a wall of quotes', `{${'"'.repeat(65_000)}`],
  ])('is read in no time with %s', (_, body) => {
    const start = performance.now();
    expect(fail(400, body).verdict).toBe('rejected');
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('any answer at all', () => {
  const verdicts: Verdict[] = [
    'rejected',
    'too_large',
    'auth',
    'bad_client_id',
    'token_refused',
    'forbidden',
    'rate_limited',
    'unavailable',
    'flaky',
    'bad_response',
  ];
  const shape = fc.oneof(
    fc.json(),
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('utf8')),
    fc
      .record({
        data: fc.oneof(
          fc.anything(),
          fc.record({ error: fc.anything(), link: fc.anything() }, { requiredKeys: [] }),
        ),
        errors: fc.anything(),
        success: fc.anything(),
        status: fc.anything(),
      })
      .map((document) => {
        try {
          return JSON.stringify(document);
        } catch {
          return '{';
        }
      }),
  );
  const headerNames = ['retry-after', 'x-ratelimit-userremaining', 'x-ratelimit-userreset'];
  const anyHeaders = fc
    .array(fc.tuple(fc.constantFrom(...headerNames), fc.string()))
    .map((pairs) => Object.fromEntries(pairs));

  it('gets a verdict and a short message, or a link, and never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: 100, max: 599 }), fc.double()),
        anyHeaders,
        shape,
        (status, headers, body) => {
          const reply = parseImgurReply(status, headers, body);
          if (reply.kind === 'success') {
            expect(new URL(reply.link).protocol).toMatch(/^https?:$/);
            return;
          }
          expect(verdicts).toContain(reply.verdict);
          expect(reply.message.length).toBeGreaterThan(0);
          expect(reply.message.length).toBeLessThanOrEqual(200);
          expect(reply.message).not.toMatch(/\p{C}/u);
          expect(reply.waitMs ?? 1).toBeGreaterThan(0);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('is read the same when it is cut anywhere: without an exception', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: SUCCESS.length - 1 }), (at) => {
        expect(fail(200, SUCCESS.slice(0, at)).verdict).toBe('bad_response');
      }),
    );
  });
});
