import type { JobListItem } from '../../../lib/http/schemas';
import type { Image } from '../../../web/api';
import type { KeptJob } from '../../../web/kept-jobs';
import { rememberedJobs } from '../../../web/remembered-jobs';

const about = {
  created: '2026-11-20T12:00:00.000Z',
  finished: null,
  status: 'in-progress',
} as const;
const kept = (id: string, ...statuses: string[]): KeptJob => ({
  id,
  at: 0,
  name: id,
  about,
  images: statuses.map((status) => ({ url: 'x', status, error: null }) as Image),
});

describe('jobs that only this browser remembers', () => {
  it('are those with images that the service does not list, counted', () => {
    const listed = [{ id: 'listed' } as JobListItem];
    const all = [
      kept('gone', 'complete', 'complete', 'failed', 'pending', 'in-progress'),
      kept('listed', 'complete'),
      kept('without'),
    ];
    expect(rememberedJobs(all, listed)).toEqual([
      { id: 'gone', ...about, pending: 2, complete: 2, failed: 1 },
    ]);
  });
});
