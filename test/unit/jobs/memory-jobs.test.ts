import { MemoryJobs } from '../../../lib/jobs/memory-jobs';
import { claimNext, COMPLETE, FAIL, PUT_BACK } from '../../support/settle-next';

const PARTS = {
  ...{ maxQueuedImages: 10_000, maxFinishedImages: 10_000, maxLinks: 100 },
  ...{ concurrency: 4, concurrencyPerSource: 4 },
  credentialOf: (clientId: string | null) => clientId ?? 'default',
};
const URLS = ['http://a/1', 'http://a/2', 'http://a/3'];

const newJobs = (parts: Partial<typeof PARTS> = {}) => new MemoryJobs({ ...PARTS, ...parts });
const create = async (jobs: MemoryJobs, urls = URLS): Promise<string> =>
  (await jobs.create({ urls, clientId: null })).jobId;

describe('the store in memory', () => {
  it('gives readers copies', async () => {
    const jobs = newJobs();
    const { jobId } = await jobs.create({ urls: ['http://a/1'], clientId: 'me' });
    const [before, counts] = [await jobs.get(jobId), await jobs.counts()];
    await claimNext(jobs).settle(COMPLETE);
    expect(before).toMatchObject({
      clientId: 'me',
      images: [{ status: 'pending', link: null }],
      counts: { pending: 1 },
    });
    expect(counts).toEqual({ pending: 1, inProgress: 0, complete: 0, failed: 0 });
    expect(await jobs.linksFrom(0, 9)).toEqual({ oldest: 0, links: [COMPLETE.link], deletions: 0 });
  });

  it('makes one job with a key, also where requests come together', async () => {
    const jobs = newJobs();
    const once = { key: 'k', fingerprint: 'f' };
    const create = () => jobs.create({ urls: URLS, clientId: null }, once);
    const [first, second] = await Promise.all([create(), create()]);
    expect([first.repeated, second]).toEqual([false, { jobId: first.jobId, repeated: true }]);
    expect(await jobs.list(9)).toHaveLength(1);
    expect(await jobs.madeWith(once)).toBe(first.jobId);
  });

  it('keeps no key of a job that it refused', async () => {
    const jobs = newJobs({ maxQueuedImages: 1 });
    const once = { key: 'k', fingerprint: 'f' };
    const refused = jobs.create({ urls: URLS, clientId: null }, once);
    await expect(refused).rejects.toMatchObject({ why: 'queue_full' });
    expect(await jobs.madeWith({ ...once, fingerprint: 'other' })).toBeUndefined();
  });

  it('makes a job anew whose key came before, but which is gone', async () => {
    const jobs = newJobs({ maxFinishedImages: 1 });
    const once = { key: 'k', fingerprint: 'f' };
    const create = () => jobs.create({ urls: ['http://a/1'], clientId: null }, once);
    const { jobId } = await create();
    await claimNext(jobs).settle(FAIL);
    await jobs.create({ urls: ['http://a/2'], clientId: null });
    await claimNext(jobs).settle(FAIL);
    expect(await jobs.madeWith(once)).toBeUndefined();
    const again = await create();
    expect([again.repeated, again.jobId === jobId]).toEqual([false, false]);
  });
});

describe('a claim', () => {
  it('names its image and its credential, and makes it in-progress', async () => {
    const jobs = newJobs();
    const { jobId } = await jobs.create({ urls: ['http://a/1'], clientId: 'me' });
    const claim = claimNext(jobs);
    const { url, clientId, credential, attempt } = claim;
    expect([claim.jobId, url, clientId, credential, attempt]).toEqual([
      ...[jobId, 'http://a/1'],
      ...['me', 'me'],
      1,
    ]);
    expect(await jobs.get(jobId)).toMatchObject({ status: 'in-progress' });
    expect(jobs.next(() => true, false)).toBeUndefined();
  });

  it('tells with its last result that the job has finished, and once', async () => {
    const jobs = newJobs();
    await create(jobs, URLS.slice(0, 2));
    const [one, other] = [claimNext(jobs), claimNext(jobs)];
    expect((await one.settle(COMPLETE))?.finished).toBeNull();
    expect(jobs.isEmpty).toBe(false);
    const last = await other.settle(FAIL);
    expect(last?.finished).toMatchObject({
      status: 'complete',
      counts: { complete: 1, failed: 1 },
    });
    expect(jobs.isEmpty).toBe(true);
  });

  it('takes the first final result alone', async () => {
    const jobs = newJobs();
    const jobId = await create(jobs);
    const claim = claimNext(jobs);
    expect((await claim.settle(COMPLETE))?.image.status).toBe('complete');
    expect(await claim.settle(FAIL)).toBeUndefined();
    expect((await jobs.get(jobId))?.counts).toMatchObject({ complete: 1, failed: 0 });
  });

  it('that is put back is the next one again, with no attempt counted', async () => {
    const jobs = newJobs();
    await create(jobs);
    const claim = claimNext(jobs);
    expect((await claim.settle(PUT_BACK))?.image).toMatchObject({ status: 'pending', attempts: 0 });
    expect(claimNext(jobs)).toMatchObject({ url: claim.url, attempt: 1 });
  });

  it('that is to be tried again waits for that, and is then told of', async () => {
    jest.useFakeTimers();
    try {
      const jobs = newJobs();
      let told = 0;
      jobs.onReady(() => (told += 1));
      await create(jobs, URLS.slice(0, 1));
      await claimNext(jobs).settle({ ...PUT_BACK, counted: true, afterMs: 1000 });
      jest.advanceTimersByTime(999);
      expect([jobs.next(() => true, false), jobs.isEmpty, told]).toEqual([undefined, false, 0]);
      jest.advanceTimersByTime(1);
      expect([told, claimNext(jobs).attempt]).toEqual([1, 2]);
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('cancel', () => {
  it('ends at once what waits, what is under way and what is to be tried again', async () => {
    const jobs = newJobs();
    const heard: string[] = [];
    jobs.onCancel((jobId) => heard.push(jobId));
    const jobId = await create(jobs);
    const [one, other] = [claimNext(jobs), claimNext(jobs)];
    await one.settle({ ...PUT_BACK, counted: true, afterMs: 1_000_000 });
    const ended = jobs.cancel(jobId);
    expect([heard, jobs.isEmpty]).toEqual([[jobId], true]);
    expect((await ended).map(({ image }) => [image.error?.code, image.attempts])).toEqual([
      ['cancelled', 1],
      ['cancelled', 1],
      ['cancelled', 0],
    ]);
    expect((await ended).map(({ finished }) => finished?.counts.failed)).toEqual([
      ...[undefined, undefined],
      3,
    ]);
    expect(await other.settle(COMPLETE)).toBeUndefined();
    expect(jobs.next(() => true, false)).toBeUndefined();
    expect(await jobs.cancel(jobId)).toEqual([]);
    expect(heard).toHaveLength(1);
  });

  it('lets others have the room that its images held, once they have ended', async () => {
    const jobs = newJobs({ concurrencyPerSource: 1 });
    const jobId = await create(jobs);
    const claim = claimNext(jobs);
    await create(jobs, ['http://a/other']);
    await jobs.cancel(jobId);
    expect(jobs.next(() => true, false)).toBeUndefined();
    await claim.settle(FAIL);
    expect(claimNext(jobs).url).toBe('http://a/other');
  });

  it('leaves what is complete, what is of other jobs, and what is not known', async () => {
    const jobs = newJobs();
    const [jobId, other] = [await create(jobs, ['http://a/1', 'http://a/2']), await create(jobs)];
    await claimNext(jobs).settle(COMPLETE);
    await jobs.cancel(jobId);
    expect((await jobs.get(jobId))?.counts).toMatchObject({ complete: 1, failed: 1 });
    expect((await jobs.get(other))?.counts.pending).toBe(3);
    expect(await jobs.cancel('nobody')).toEqual([]);
  });
});

describe('close', () => {
  it('fails what waits, but not what is under way', async () => {
    const jobs = newJobs();
    const [started, fresh] = [await create(jobs), await create(jobs)];
    const [one, other] = [claimNext(jobs), claimNext(jobs)];
    await one.settle({ ...PUT_BACK, counted: true, afterMs: 1_000_000 });
    const ended = await jobs.close();
    expect(ended).toHaveLength(5);
    expect(new Set(ended.map(({ image }) => image.error?.code))).toEqual(new Set(['shutdown']));
    const counts = async (id: string) => (await jobs.get(id))?.counts;
    const all = [await counts(started), await counts(fresh)];
    expect(all.map((each) => each?.inProgress)).toContain(1);
    expect((await other.settle(COMPLETE))?.finished).not.toBeNull();
    expect(jobs.isEmpty).toBe(true);
  });

  it('fails also what is put back later, and takes no new job', async () => {
    const jobs = newJobs();
    await create(jobs, ['http://a/1']);
    const claim = claimNext(jobs);
    await jobs.close();
    expect((await claim.settle(PUT_BACK))?.image).toMatchObject({
      status: 'failed',
      attempts: 0,
      error: { code: 'shutdown' },
    });
    await expect(create(jobs)).rejects.toMatchObject({ name: 'JobRefused', why: 'stopping' });
  });

  it('holds up nothing else while it fails thousands', async () => {
    const jobs = newJobs();
    for (let n = 0; n < 5000; n += 1) await create(jobs, [`http://host${n}/`]);
    let turns = 0;
    const closing = { isOver: false };
    const closed = jobs.close().then((ended) => {
      closing.isOver = true;
      return ended;
    });
    while (!closing.isOver) {
      turns += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await closed).toHaveLength(5000);
    expect(turns).toBeGreaterThan(10);
  });
});
