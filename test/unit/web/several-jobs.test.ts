import { severalJobs } from '../../../web/several-jobs';

describe('a list that is too long for one job', () => {
  it.each([
    [3, [['a', 'b', 'c'], ['d', 'e', 'f'], ['g']]],
    [7, [['a', 'b', 'c', 'd', 'e', 'f', 'g']]],
    [null, [['a', 'b', 'c', 'd', 'e', 'f', 'g']]],
  ])('is cut where a job takes %s', (most, jobs) => {
    expect(severalJobs('a b c d e f g'.split(' '), most)).toEqual(jobs);
  });

  it('is cut where a body would have more than a megabyte', () => {
    const urls = Array.from(
      { length: 300 },
      (_, n) => `https://a.example/${n}?${'ü'.repeat(3000)}`,
    );
    const jobs = severalJobs(urls, 1000);
    expect(jobs).toHaveLength(2);
    expect(jobs.flat()).toEqual(urls);
    for (const job of jobs) {
      expect(Buffer.byteLength(JSON.stringify({ urls: job }))).toBeLessThan(1 << 20);
    }
  });
});
