import { RelayError } from '../../../lib/errors';
import { retryDelayMs } from '../../../lib/jobs/retry-policy';

const LIMITS = { attempts: 4, retryDelayMs: 500 };
const passing = new RelayError('imgur_unavailable', 'Imgur is away.');

describe('retryDelayMs', () => {
  it.each([
    [1, 500],
    [2, 1000],
    [3, 2000],
  ])('doubles the longest wait: after attempt %i up to %i ms', (attempt, longest) => {
    expect(retryDelayMs(passing, attempt, LIMITS, () => 0.999_999)).toBe(longest);
    expect(retryDelayMs(passing, attempt, LIMITS, () => 0)).toBe(0);
    expect(retryDelayMs(passing, attempt, LIMITS, () => 0.5)).toBe(longest / 2);
  });

  it('ends with the last attempt', () => {
    expect(retryDelayMs(passing, 4, LIMITS)).toBeNull();
  });

  it('does not retry what would end the same way', () => {
    expect(retryDelayMs(new RelayError('not_an_image', 'No picture.'), 1, LIMITS)).toBeNull();
  });

  it('follows a stricter bound that the error brings', () => {
    const twice = new RelayError('dns_failed', 'No address.', { maxAttempts: 2 });
    expect(retryDelayMs(twice, 1, LIMITS)).not.toBeNull();
    expect(retryDelayMs(twice, 2, LIMITS)).toBeNull();
  });

  it('waits as long as the other side asked for', () => {
    const busy = new RelayError('source_status', '503', { retryable: true, retryAfterMs: 7000 });
    expect(retryDelayMs(busy, 1, LIMITS, () => 0.5)).toBe(7000);
  });

  it('grows no further than a minute', () => {
    const limits = { attempts: 100, retryDelayMs: 500 };
    expect(retryDelayMs(passing, 60, limits, () => 0.999_999)).toBe(60_000);
  });
});
