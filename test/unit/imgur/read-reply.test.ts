import fc from 'fast-check';
import { readRateHeaders } from '../../../lib/imgur/read-reply';

const NOW = Date.parse('2026-11-20T16:00:00Z');
const read = (headers: Record<string, string>) =>
  readRateHeaders(Object.fromEntries(new Headers(headers)));

const NOTHING = { exhausted: false, waitMs: null, remaining: null };

beforeEach(() => void jest.useFakeTimers({ now: NOW }));
afterEach(() => void jest.useRealTimers());

describe('readRateHeaders', () => {
  it.each([
    ['nothing', {}, NOTHING],
    [
      'plenty left: the reset says nothing about a refusal',
      { 'X-RateLimit-UserRemaining': '450', 'X-RateLimit-UserReset': '3000' },
      { exhausted: false, waitMs: null, remaining: 450 },
    ],
    [
      'seconds left, as the upload back end counts',
      { 'X-RateLimit-UserRemaining': '0', 'X-RateLimit-UserReset': '3600' },
      { exhausted: true, waitMs: 3_600_000, remaining: 0 },
    ],
    [
      'a Unix time, as the legacy back end counts',
      { 'x-ratelimit-userremaining': '0', 'x-ratelimit-userreset': String(NOW / 1000 + 90) },
      { exhausted: true, waitMs: 90_000, remaining: 0 },
    ],
    [
      'a reset that has passed',
      { 'X-RateLimit-UserRemaining': '0', 'X-RateLimit-UserReset': String(NOW / 1000 - 5) },
      { exhausted: true, waitMs: null, remaining: 0 },
    ],
    [
      'the client quota, which names no reset',
      { 'X-RateLimit-ClientRemaining': '0', 'X-RateLimit-UserRemaining': '9' },
      { exhausted: true, waitMs: null, remaining: 0 },
    ],
    [
      'the POST limit, whose reset is always seconds',
      { 'X-POST-RATE-LIMIT-REMAINING': '0', 'x-post-rate-limit-reset': '12' },
      { exhausted: true, waitMs: 12_000, remaining: 0 },
    ],
    [
      'a POST reset that would be a Unix time',
      { 'X-Post-Rate-Limit-Remaining': '0', 'X-Post-Rate-Limit-Reset': String(NOW / 1000 + 90) },
      { exhausted: true, waitMs: null, remaining: 0 },
    ],
    [
      'two limits used up: the longer wait',
      {
        'X-RateLimit-UserRemaining': '0',
        'X-RateLimit-UserReset': '10',
        'X-Post-Rate-Limit-Remaining': '0',
        'X-Post-Rate-Limit-Reset': '20',
      },
      { exhausted: true, waitMs: 20_000, remaining: 0 },
    ],
    [
      'a counter below 0',
      { 'X-RateLimit-UserRemaining': '-3', 'X-RateLimit-UserReset': '10' },
      { exhausted: true, waitMs: 10_000, remaining: 0 },
    ],
    ['Retry-After in seconds', { 'Retry-After': '30' }, { ...NOTHING, waitMs: 30_000 }],
    ['Retry-After 0', { 'Retry-After': '0' }, NOTHING],
    [
      'Retry-After as a date',
      { 'Retry-After': 'Fri, 20 Nov 2026 16:01:00 GMT' },
      { ...NOTHING, waitMs: 60_000 },
    ],
    [
      'a Unix time by the clock of the answer, two hours before ours',
      {
        Date: 'Fri, 20 Nov 2026 14:00:00 GMT',
        'x-ratelimit-userremaining': '0',
        'x-ratelimit-userreset': String(NOW / 1000 - 7200 + 60),
      },
      { exhausted: true, waitMs: 60_000, remaining: 0 },
    ],
    [
      'Retry-After as a date by the clock of the answer, two hours after ours',
      { Date: 'Fri, 20 Nov 2026 18:00:00 GMT', 'Retry-After': 'Fri, 20 Nov 2026 18:01:00 GMT' },
      { ...NOTHING, waitMs: 60_000 },
    ],
    [
      'seconds left, which no clock changes',
      { Date: 'Fri, 20 Nov 2026 14:00:00 GMT', 'Retry-After': '30' },
      { ...NOTHING, waitMs: 30_000 },
    ],
    [
      'a Date that is none: our own clock counts',
      { Date: 'Fri, 99 Nov 2026 99:00:00 GMT', 'Retry-After': 'Fri, 20 Nov 2026 16:01:00 GMT' },
      { ...NOTHING, waitMs: 60_000 },
    ],
    ['Retry-After in the past', { 'Retry-After': 'Fri, 20 Nov 2026 15:59:00 GMT' }, NOTHING],
    [
      'nonsense',
      {
        'Retry-After': 'soon',
        'X-RateLimit-UserRemaining': 'many',
        'X-RateLimit-UserReset': 'NaN',
      },
      NOTHING,
    ],
    ['a wait beyond a month', { 'Retry-After': '99999999' }, NOTHING],
    [
      'milliseconds for a time',
      { 'X-RateLimit-UserRemaining': '0', 'X-RateLimit-UserReset': String(NOW) },
      { exhausted: true, waitMs: null, remaining: 0 },
    ],
  ])('reads %s', (_, headers, expected) => {
    expect(read(headers)).toEqual(expected);
  });

  it('never gives NaN, a negative number or a wait of 0', () => {
    const value = fc.oneof(
      fc.string(),
      fc.integer().map(String),
      fc.double().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    const names = [
      'X-RateLimit-UserRemaining',
      'X-RateLimit-UserReset',
      'X-RateLimit-ClientRemaining',
      'X-Post-Rate-Limit-Remaining',
      'X-Post-Rate-Limit-Reset',
      'Retry-After',
      'Date',
    ];
    fc.assert(
      fc.property(fc.array(value, { minLength: 7, maxLength: 7 }), (values) => {
        const headers = names.map((name, index) => [name.toLowerCase(), values[index]]);
        const state = readRateHeaders(Object.fromEntries(headers) as Record<string, string>);
        expect(state.waitMs === null || state.waitMs > 0).toBe(true);
        expect(state.remaining === null || state.remaining >= 0).toBe(true);
        expect(state.exhausted).toBe(state.remaining === 0);
      }),
      { numRuns: 2000 },
    );
  });
});
