import { announcedLength, refusalOf } from '../../../lib/images/source-status';

const NOW = Date.parse('2026-01-01T00:00:00Z');

function answer(statusCode: number, headers: Record<string, string> = {}) {
  return { statusCode, headers };
}

function refusal(status: number, headers: Record<string, string> = {}) {
  return refusalOf(answer(status, headers), 1000, NOW);
}

describe('refusalOf', () => {
  it.each([
    ['200', 200, {}],
    ['a length at the limit', 200, { 'content-length': '1000' }],
    ['identity as encoding', 200, { 'content-encoding': 'identity' }],
    ['a 206 with the whole file', 206, { 'content-range': 'bytes 0-9/10' }],
  ])('takes %s', (_what, status, headers) => {
    expect(refusal(status, headers as Record<string, string>)).toBeNull();
  });

  it.each([
    [204, false],
    [205, false],
    [304, false],
    [403, false],
    [404, false],
    [410, false],
    [451, false],
    [408, true],
    [425, true],
    [429, true],
    [500, true],
    [503, true],
  ])('refuses %i with its number; retried: %s', (status, retryable) => {
    const error = refusal(status);
    expect(error).toMatchObject({ code: 'source_status', retryable });
    expect(error?.message).toContain(String(status));
  });

  it.each([
    ['seconds', '2', 2000],
    ['a date', 'Thu, 01 Jan 2026 00:00:05 GMT', 5000],
    ['a date gone by', 'Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['the longest wait', '30', 30_000],
  ])('honours Retry-After as %s', (_how, text, ms) => {
    expect(refusal(429, { 'retry-after': text })).toMatchObject({
      retryable: true,
      retryAfterMs: ms,
    });
  });

  it('reads a date of Retry-After by the clock of whoever sent it', () => {
    const headers = {
      date: 'Thu, 01 Jan 2026 02:00:00 GMT',
      'retry-after': 'Thu, 01 Jan 2026 02:00:07 GMT',
    };
    expect(refusal(429, headers)).toMatchObject({ retryable: true, retryAfterMs: 7000 });
  });

  it('does not wait for longer than 30 s, and says so', () => {
    const error = refusal(429, { 'retry-after': '86400' });
    expect(error).toMatchObject({ code: 'source_status', retryable: false });
    expect(error?.message).toContain('86400 s');
  });

  it.each([
    ['a part', 'bytes 0-4/10'],
    ['a part from the middle', 'bytes 5-9/10'],
    ['an unknown size', 'bytes 0-9/*'],
    ['no range at all', ''],
  ])('refuses a 206 with %s as truncated', (_what, range) => {
    expect(refusal(206, { 'content-range': range })?.code).toBe('truncated');
  });

  it.each(['gzip', 'br', 'deflate', 'zstd', 'x-evil"\\\n'])(
    'refuses the encoding %j',
    (encoding) => {
      const error = refusal(200, { 'content-encoding': encoding });
      expect(error?.code).toBe('bad_encoding');
      expect(error?.message).not.toMatch(/[\n\\]/);
    },
  );

  it('refuses an announced length over the limit', () => {
    const error = refusal(200, { 'content-length': '1001' });
    expect(error).toMatchObject({ code: 'too_large', retryable: false });
    expect(error?.message).toMatch(/1001.*1000/);
  });
});

describe('announcedLength', () => {
  it.each([
    [{ 'content-length': '5' }, 5],
    [{}, null],
    [{ 'content-length': 'many' }, null],
    [{ 'content-length': '5', 'transfer-encoding': 'chunked' }, null],
  ])('reads %j as %s', (headers, length) => {
    expect(announcedLength(answer(200, headers as Record<string, string>))).toBe(length);
  });
});
