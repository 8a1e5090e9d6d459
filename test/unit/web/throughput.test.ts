import type { JobListItem } from '../../../lib/http/schemas';
import { bars, BUCKET_MS, BUCKETS, NO_THROUGHPUT, sampleThroughput } from '../../../web/throughput';

const NOW = 1_000_000 * BUCKET_MS + 5000;
const iso = (ms: number): string => new Date(ms).toISOString();
const job = (
  done: number,
  created: number,
  finished: number | null = null,
  id = 'a',
): JobListItem => ({
  id,
  created: iso(created),
  finished: finished === null ? null : iso(finished),
  status: finished === null ? 'in-progress' : 'complete',
  pending: 0,
  complete: done - 1,
  failed: 1,
});
const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

describe('the throughput of the last minutes', () => {
  it('is nothing at first', () => {
    expect(bars(NO_THROUGHPUT, NOW)).toEqual(Array(BUCKETS).fill(0));
  });

  it('counts what was done since the last sample', () => {
    const first = sampleThroughput(NO_THROUGHPUT, [job(1, NOW)], NOW);
    const second = sampleThroughput(first, [job(7, NOW)], NOW + 1000);
    const third = sampleThroughput(second, [job(10, NOW)], NOW + 2000);
    expect(bars(third, NOW + 2000).slice(-2)).toEqual([0, 10]);
  });

  it('spreads what was done before the page was opened over the life of the job', () => {
    const begun = NOW - 3 * BUCKET_MS;
    const sample = sampleThroughput(NO_THROUGHPUT, [job(30, begun, NOW)], NOW);
    expect(bars(sample, NOW).slice(-4)).toEqual([5, 10, 10, 5]);
  });

  it('leaves out what is older than it shows', () => {
    const long = (2 * BUCKETS - 0.5) * BUCKET_MS;
    const sample = sampleThroughput(NO_THROUGHPUT, [job(1000, NOW - long, NOW)], NOW);
    expect(total(bars(sample, NOW))).toBeCloseTo(500, -1);
    const later = sampleThroughput(sample, [job(1000, NOW - long, NOW)], NOW + 3_600_000);
    expect(total(bars(later, NOW + 3_600_000))).toBe(0);
    expect(later.buckets.size).toBe(0);
  });

  it('takes a job that it had not seen for new work, and one that is gone for none', () => {
    const first = sampleThroughput(NO_THROUGHPUT, [job(5, NOW - 1000)], NOW);
    const second = sampleThroughput(first, [job(3, NOW, null, 'b')], NOW + 1000);
    expect(total(bars(second, NOW + 1000))).toBe(8);
  });
});
