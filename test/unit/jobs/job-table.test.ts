import fc from 'fast-check';
import type { ImageEvent } from '../../../lib/jobs/job';
import { JobTable, summaryOf, type StoredJob } from '../../../lib/jobs/job-table';

const BOUNDS = { maxQueuedImages: 1000, maxFinishedImages: 1000, maxLinks: 1000 };
const START: ImageEvent = { type: 'start' };
const RELEASE: ImageEvent = { type: 'release', counted: true, durationMs: 5, afterMs: 1 };
const COMPLETE: Extract<ImageEvent, { type: 'complete' }> = {
  type: 'complete',
  link: 'https://i.imgur.com/a.png',
  bytes: 10,
  mime: 'image/png',
  durationMs: 5,
};
const FAIL: ImageEvent = {
  type: 'fail',
  error: { code: 'empty', message: 'The source sent no bytes.', retryable: false },
  durationMs: 5,
};

function finish(table: JobTable, job: StoredJob, link = COMPLETE.link): void {
  table.apply(job, 0, START);
  table.apply(job, 0, { ...COMPLETE, link });
}

function newTable(bounds: Partial<typeof BOUNDS> = {}): JobTable {
  let now = 0;
  return new JobTable({ ...BOUNDS, ...bounds }, () => (now += 1));
}

function add(table: JobTable, ...urls: string[]): StoredJob {
  return table.add({ urls, clientId: null }, 'default');
}

const linksOf = (table: JobTable): readonly (string | null)[] => table.linksFrom(0, Infinity).links;

describe('JobTable', () => {
  it('leads a job from pending over in-progress to complete', () => {
    const table = newTable();
    const job = add(table, 'http://a/1', 'http://a/2');
    expect(summaryOf(job).status).toBe('pending');
    table.apply(job, 0, START);
    expect(summaryOf(job).status).toBe('in-progress');
    table.apply(job, 0, COMPLETE);
    expect(summaryOf(job)).toMatchObject({ status: 'in-progress', finished: null });
    table.apply(job, 1, FAIL);
    expect(summaryOf(job)).toEqual({
      id: job.id,
      created: 1,
      finished: 2,
      status: 'complete',
      counts: { pending: 0, inProgress: 0, complete: 1, failed: 1 },
    });
  });

  it('leaves a job in-progress while its only started image waits for another attempt', () => {
    const table = newTable();
    const job = add(table, 'http://a/1');
    table.apply(job, 0, START);
    const image = table.apply(job, 0, RELEASE);
    const { status } = summaryOf(job);
    expect([status, image.status, image.attempts]).toEqual(['in-progress', 'pending', 1]);
  });

  it('does not count an attempt that a pause ended, and adds up the time of all', () => {
    const table = newTable();
    const job = add(table, 'http://a/1');
    table.apply(job, 0, START);
    table.apply(job, 0, { ...RELEASE, counted: false });
    table.apply(job, 0, START);
    const image = table.apply(job, 0, COMPLETE);
    expect(image).toMatchObject({ attempts: 1, durationMs: 10, bytes: 10, type: 'image/png' });
  });

  it('counts no attempt of an image that was not even tried', () => {
    const table = newTable();
    const job = add(table, 'http://a/1');
    table.apply(job, 0, START);
    expect(table.apply(job, 0, { ...FAIL, counted: false }).attempts).toBe(0);
  });

  it('refuses a job that would let too many images wait, and keeps nothing of it', () => {
    const table = newTable({ maxQueuedImages: 2 });
    add(table, 'http://a/1');
    expect(() => add(table, 'u', 'v')).toThrow(
      expect.objectContaining({ name: 'JobRefused', why: 'queue_full' }) as Error,
    );
    expect(table.newest(10)).toHaveLength(1);
    expect(table.counts.pending).toBe(1);
    // One that just fits is taken.
    add(table, 'u');
    expect(table.counts.pending).toBe(2);
  });

  it('drops the job that finished first, and never an unfinished one or its links', () => {
    const table = newTable({ maxFinishedImages: 2 });
    const jobs = [0, 1, 2, 3].map((n) => add(table, `http://a/${n}`));
    for (const n of [2, 1, 3]) finish(table, jobs[n]!, `https://i.imgur.com/${n}.png`);
    const kept = jobs.map(({ id }) => table.find(id) !== undefined);
    expect(kept).toEqual([true, true, false, true]);
    expect(linksOf(table)).toEqual([2, 1, 3].map((n) => `https://i.imgur.com/${n}.png`));
    expect(table.counts).toEqual({ pending: 1, inProgress: 0, complete: 2, failed: 0 });
    // And the next one, once.
    finish(table, jobs[0]!);
    expect(table.newest(10)).toEqual([jobs[3], jobs[0]]);
    expect(table.counts).toEqual({ pending: 0, inProgress: 0, complete: 2, failed: 0 });
  });

  it('keeps a finished job that alone is over the bound', () => {
    const table = newTable({ maxFinishedImages: 1 });
    const job = add(table, 'a', 'b', 'c');
    for (const index of [0, 1, 2]) table.apply(job, index, FAIL);
    expect(table.find(job.id)).toBe(job);
    // The next one that finishes takes its room.
    finish(table, add(table, 'd'));
    expect(table.find(job.id)).toBeUndefined();
    expect(table.counts).toEqual({ pending: 0, inProgress: 0, complete: 1, failed: 0 });
  });

  it('drops the oldest tenth of the links over their bound', () => {
    const table = newTable({ maxLinks: 20 });
    const addLink = (n: number): void =>
      finish(table, add(table, 'http://a/1'), `https://i.imgur.com/${n}.png`);
    for (let n = 0; n < 20; n += 1) addLink(n);
    expect(linksOf(table)).toHaveLength(20);
    addLink(20);
    const links = linksOf(table);
    expect([links.length, links[0]]).toEqual([19, 'https://i.imgur.com/2.png']);
    expect(table.linksFrom(19, 10)).toEqual({
      ...{ oldest: 2, deletions: 0 },
      links: ['https://i.imgur.com/19.png', 'https://i.imgur.com/20.png'],
    });
    expect(table.linksFrom(0, 1).links).toEqual(['https://i.imgur.com/2.png']);
  });

  it('lists the newest jobs first, up to the limit', () => {
    const table = newTable();
    const jobs = ['u', 'v', 'w'].map((url) => add(table, url));
    expect(table.newest(2)).toEqual([jobs[2], jobs[1]]);
  });

  it('takes no event for an image that the job does not have', () => {
    const table = newTable();
    const job = add(table, 'u');
    expect(() => table.apply(job, 1, START)).toThrow(RangeError);
  });

  it('allows only legal transitions and counts right, for any sequence of events', () => {
    const LEGAL = {
      pending: { start: 'in-progress', fail: 'failed' },
      'in-progress': { complete: 'complete', fail: 'failed', release: 'pending' },
      complete: {},
      failed: {},
    } as Record<string, Record<string, string>>;
    const events = fc.array(
      fc.record({ index: fc.nat(2), event: fc.constantFrom(START, RELEASE, COMPLETE, FAIL) }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(events, (sequence) => {
        const table = newTable();
        const job = add(table, 'a', 'b', 'c');
        const model = ['pending', 'pending', 'pending'];
        for (const { index, event } of sequence) {
          const next = LEGAL[model[index]!]![event.type];
          const apply = () => table.apply(job, index, event);
          if (next === undefined) {
            expect(apply).toThrow(expect.objectContaining({ name: 'IllegalTransition' }) as Error);
          } else {
            expect(apply().status).toBe(next);
            model[index] = next;
          }
        }
        expect(job.images.map(({ status }) => status)).toEqual(model);
        const count = (status: string) => model.filter((other) => other === status).length;
        const counts = {
          pending: count('pending'),
          inProgress: count('in-progress'),
          complete: count('complete'),
          failed: count('failed'),
        };
        const summary = summaryOf(job);
        expect(summary.counts).toEqual(counts);
        expect(table.counts).toEqual(counts);
        expect(summary.finished === null).toBe(summary.status !== 'complete');
        expect(linksOf(table)).toHaveLength(counts.complete);
      }),
    );
  });
});
