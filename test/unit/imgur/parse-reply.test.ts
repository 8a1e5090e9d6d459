import fc from 'fast-check';
import { IMGUR_FAULTS } from '../../../lib/imgur-stand-in/faults';
import { parseImgurReply, type ImgurFailure, type Verdict } from '../../../lib/imgur/parse-reply';

const NO_HEADERS = {};

function fail(status: number, body: string, headers: Record<string, string> = {}): ImgurFailure {
  const reply = parseImgurReply(status, Object.fromEntries(new Headers(headers)), body);
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

  it.each<[number, object]>([
    [500, {}],
    [300, { success: true }],
    [200, { success: true, status: 403 }],
    [200, { success: false }],
  ])('is none with the status %i and %j, although there is a link', (status, said) => {
    const body = { data: { link: 'https://i.imgur.com/a.png' }, ...said };
    expect(fail(status, JSON.stringify(body)).kind).toBe('failure');
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

type Replies = {
  [
    Name in keyof typeof IMGUR_FAULTS as (typeof IMGUR_FAULTS)[Name] extends { kind: 'reply' }
      ? Name
      : never
  ]: unknown;
};
type ReplyName = keyof Replies;

/** How each of the answers that Imgur is known to give is understood. */
const KNOWN: Record<ReplyName, [Verdict, status: number, message: string]> = {
  row1_file_type_invalid: ['rejected', 400, 'File type invalid (1)'],
  row2_over_size_limit: ['too_large', 400, 'File is over the size limit'],
  row3_unsupported_type: ['rejected', 400, "We don't support that file type!"],
  row3_bad_request: ['rejected', 400, 'Bad Request'],
  row4_too_fast: ['rate_limited', 429, 'You are uploading too fast. Please wait 59 more minutes.'],
  row4_uploading_file_too_fast: ['rate_limited', 400, 'Uploading file too fast!'],
  row5_forbidden: ['forbidden', 403, 'Forbidden'],
  row5_actions_forbidden: ['forbidden', 400, 'These actions are forbidden.'],
  row6_authentication_required: ['auth', 401, 'Authentication required'],
  row7_malformed_auth_header: ['auth', 403, 'Malformed auth header'],
  row8_invalid_client_id: ['bad_client_id', 403, 'Invalid client_id'],
  row9_invalid_access_token: ['token_refused', 403, 'The access token provided is invalid.'],
  row10_over_capacity: [
    'rate_limited',
    403,
    'Imgur is temporarily over capacity. Please try again later.',
  ],
  row11_too_large: ['too_large', 413, 'file is over the size limit'],
  row12_expectation_failed: ['flaky', 417, 'Internal expectation failed'],
  row13_daily_limit: ['rate_limited', 429, 'Daily client requests exceeded'],
  row14_too_many_requests: ['rate_limited', 429, 'Too Many Requests'],
  row14_wait_37_minutes: [
    'rate_limited',
    429,
    'You are uploading too fast. Please wait 37 more minutes.',
  ],
  row14_user_limit_spent: ['rate_limited', 429, 'Too Many Requests'],
  row15_two_documents: ['rate_limited', 429, 'Daily client requests exceeded'],
  row15_html: ['rate_limited', 429, '429 Too Many Requests'],
  row16_could_not_process: ['unavailable', 500, 'Could not process upload!'],
  row16_errors: ['unavailable', 500, 'Internal Server Error'],
  row17_first_byte_timeout: ['unavailable', 503, '503 first byte timeout'],
  row17_client_read_error: ['unavailable', 503, '503 client read error'],
  row18_not_found: ['rejected', 404, '404 Not Found'],
  row18_method_not_allowed: ['rejected', 405, '405 Method Not Allowed'],
  row18_gateway_timeout: ['unavailable', 504, '504 Gateway Time-out'],
  ok_without_link: ['bad_response', 200, 'no link'],
  ok_without_data: ['bad_response', 200, 'no link'],
  ok_not_json: ['bad_response', 200, 'imgur: the simple image sharer'],
  ok_cut_json: ['bad_response', 200, 'no link'],
  ok_empty: ['bad_response', 200, 'no link'],
  ok_success_false: ['unavailable', 500, 'Could not process upload!'],
  ok_success_false_429: ['rate_limited', 429, 'Daily client requests exceeded'],
  early_over_capacity: [
    'unavailable',
    503,
    'Imgur is temporarily over capacity. Please try again later.',
  ],
};

const VERDICTS = new Set(Object.values(KNOWN).map(([verdict]) => verdict));

/** What differs from those in a way that matters. The status inside is that outside, if not given. */
const ROWS: [
  what: string,
  http: number,
  body: string,
  Verdict,
  message: string,
  inside?: number,
][] = [
  [
    'slashes left alone',
    403,
    legacy('Invalid client_id', 403),
    'bad_client_id',
    'Invalid client_id',
  ],
  [
    'two documents with brackets and quotes in words',
    429,
    `${legacy('Rate "}" {limit', 429)}\n{"errors":[{"code":"500"}]}`,
    'rate_limited',
    'Rate "}" {limit',
  ],
  [
    'a page with entities and line breaks',
    429,
    FASTLY('429 Too &quot;Many&quot;\n Requests'),
    'rate_limited',
    '429 Too "Many" Requests',
  ],
  [
    'a dead refresh token',
    400,
    legacy('Invalid refresh token', 400),
    'auth',
    'Invalid refresh token',
  ],
  [
    'a quota by its words alone',
    400,
    legacy('Requests exceeded', 400),
    'rate_limited',
    'Requests exceeded',
  ],
  [
    'the catch-all by its words alone',
    400,
    legacy('Internal expectation failed', 400),
    'flaky',
    'Internal expectation failed',
  ],
  ['200 with success false and an inner status', 200, legacy('nope', 400), 'rejected', 'nope', 400],
  ['200 with success false alone', 200, '{"success":false}', 'bad_response', 'no link'],
  [
    '200 with success false and words',
    200,
    '{"data":{"error":"Uploading file too fast!"},"success":false,"status":200}',
    'rate_limited',
    'Uploading file too fast!',
  ],
  ['200 with a page', 200, FASTLY('Forbidden island'), 'bad_response', 'Forbidden island'],
  ['200 with another shape', 200, '[1,2]', 'bad_response', 'no link'],
  ['429 outside, 400 inside', 429, legacy('slow', 400), 'rate_limited', 'slow'],
];

describe('a refusal', () => {
  const expectVerdict = (
    [http, body]: [number, string],
    [verdict, status, message]: [Verdict, number, string],
  ): void => {
    const { waitMs, ...reply } = fail(http, body, {});
    expect(reply).toEqual({ kind: 'failure', status, message, verdict });
    const [, minutes] = /wait (\d+) more minutes/.exec(message) ?? [];
    expect(waitMs).toBe(minutes === undefined ? null : Number(minutes) * 60_000);
  };

  it.each(Object.keys(KNOWN) as ReplyName[])('as in %s', (name) => {
    const { status, body } = IMGUR_FAULTS[name];
    expectVerdict([status, body], KNOWN[name]);
  });

  it.each(ROWS)('with %s', (_, http, body, verdict, message, status = http) =>
    expectVerdict([http, body], [verdict, status, message]),
  );

  it.each<[number, Verdict]>([
    [302, 'bad_response'],
    [401, 'auth'],
    [403, 'forbidden'],
    [408, 'unavailable'],
    [413, 'too_large'],
    [417, 'flaky'],
    [418, 'rejected'],
    [429, 'rate_limited'],
    [500, 'unavailable'],
  ])('without a word is judged by its status %i', (status, verdict) =>
    expectVerdict([status, ''], [verdict, status, `HTTP ${status}`]),
  );

  it.each([
    [400, 'rate_limited'],
    [200, 'bad_response'],
  ])('is judged by the title of a page that comes with %i as %s', (status, verdict) => {
    const page = '<html><head><title>Too many requests</title></head><body></body></html>';
    expect(fail(status, page).verdict).toBe(verdict);
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
          expect(VERDICTS).toContain(reply.verdict);
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
