import type { JobListItem } from '../../../lib/http/schemas';
import { countedOf, jobsWithNews, withNews } from '../../../web/link-news';

const job = (id: string, complete: number) => ({ id, complete }) as JobListItem;

describe('links that are new', () => {
  const counted = countedOf([job('a', 1), job('b', 2)]);

  it.each([
    ['more of a job', [job('a', 3), job('b', 2)], ['a']],
    ['another job', [job('c', 1), job('a', 1), job('b', 2)], ['c']],
    ['a job without links', [job('c', 0), job('a', 1)], []],
    ['nothing', [job('a', 1), job('b', 2)], []],
    // A link was deleted, or the service began anew.
    ['less of a job', [job('a', 0), job('b', 2)], null],
    ['too many jobs', Array.from({ length: 9 }, (_, n) => job(`n${n}`, 1)), null],
  ])('%s', (_what, jobs, ids) => {
    expect(jobsWithNews(counted, jobs)).toEqual(ids);
  });

  it('are all links while none is known', () => {
    expect(jobsWithNews(null, [])).toBeNull();
  });

  it('come first, the newest of them before the others, and move nothing', () => {
    expect(withNews(['2', '1'], ['1', '3', '4'], false)).toEqual(['4', '3', '2', '1']);
    // The service has another order where two ended at once.
    expect(withNews(['2', '1'], ['2', '1', '3'], true)).toEqual(['3', '2', '1']);
  });

  it('take those along that have gone', () => {
    expect(withNews(['3', '2', '1'], ['1', '3'], true)).toEqual(['3', '1']);
    expect(withNews(['3', '2', '1'], ['1'], false)).toEqual(['3', '2', '1']);
  });

  it('leave the list alone where there are none', () => {
    const known = ['2', '1'];
    expect(withNews(known, ['1', '2'], true)).toBe(known);
  });
});
