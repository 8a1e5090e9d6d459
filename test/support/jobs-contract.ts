/* eslint-disable jest/no-export -- the tests of more than one file */
import type { JobStore } from '../../lib/jobs/job-store';
import type { Claim, WorkQueue } from '../../lib/jobs/work-queue';
import { awaitUntil } from './await-until';
import { COMPLETE, FAIL, PUT_BACK } from './settle-next';

export interface JobsUnderTest {
  readonly store: JobStore;
  readonly queue: WorkQueue;
}
export interface JobsBounds {
  readonly maxQueuedImages: number;
  readonly maxFinishedImages: number;
  readonly maxLinks: number;
  readonly concurrency: number;
  readonly concurrencyPerSource: number;
}

export const BOUNDS: JobsBounds = {
  ...{ maxQueuedImages: 10_000, maxFinishedImages: 10_000, maxLinks: 100 },
  ...{ concurrency: 4, concurrencyPerSource: 4 },
};
export const URLS = ['http://a/1', 'http://a/2', 'http://a/3'];

/** Takes the next image on, as soon as there is one. */
export function claimSoon(queue: WorkQueue): Promise<Claim> {
  return awaitUntil('an image that may start', () => {
    const claim = queue.next(() => true, false);
    return claim === 'later' ? null : claim;
  });
}

/** What every store and its queue have in common, whatever keeps the jobs. */
export function itKeepsTheContract(
  open: (bounds?: Partial<JobsBounds>) => Promise<JobsUnderTest>,
): void {
  const create = async ({ store }: JobsUnderTest, urls = URLS): Promise<string> =>
    (await store.create({ urls, clientId: null })).jobId;
  const images = async ({ store }: JobsUnderTest, jobId: string) =>
    (await store.get(jobId))?.images ?? [];

  it('gives readers copies', async () => {
    const { store, queue } = await open();
    const { jobId } = await store.create({ urls: ['http://a/1'], clientId: 'me' });
    const [before, counts] = [await store.get(jobId), await store.counts()];
    await (await claimSoon(queue)).settle(COMPLETE);
    expect(before).toMatchObject({
      ...{ id: jobId, clientId: 'me', status: 'pending', finished: null },
      images: [{ status: 'pending', link: null, attempts: 0, durationMs: null }],
      counts: { pending: 1 },
    });
    expect(counts).toEqual({ pending: 1, inProgress: 0, complete: 0, failed: 0 });
    expect(await store.linksFrom(0, 9)).toEqual({
      oldest: 0,
      links: [COMPLETE.link],
      deletions: 0,
    });
  });

  it('knows nothing of jobs that are not there', async () => {
    const { store } = await open();
    const nobody = '00000000-0000-4000-8000-000000000000';
    expect(await Promise.all([store.get('nobody'), store.get(nobody)])).toEqual([
      undefined,
      undefined,
    ]);
    expect(await Promise.all([store.cancel('nobody'), store.cancel(nobody)])).toEqual([[], []]);
    expect([await store.list(9), await store.linksFrom(0, 9)]).toEqual([
      [],
      { oldest: 0, links: [], deletions: 0 },
    ]);
  });

  it('lists the newest jobs first', async () => {
    const jobs = await open();
    const ids = [await create(jobs), await create(jobs), await create(jobs)];
    expect((await jobs.store.list(2)).map(({ id }) => id)).toEqual([ids[2], ids[1]]);
  });

  it('makes one job with a key, also where requests come together', async () => {
    const { store } = await open();
    const once = { key: 'k', fingerprint: 'f' };
    const create = () => store.create({ urls: URLS, clientId: null }, once);
    const all = await Promise.all(Array.from({ length: 20 }, create));
    expect(new Set(all.map(({ jobId }) => jobId)).size).toBe(1);
    expect(all.filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(await store.list(9)).toHaveLength(1);
    expect(await store.madeWith(once)).toBe(all[0]?.jobId);
    const other = { ...once, fingerprint: 'other' };
    await expect(store.madeWith(other)).rejects.toMatchObject({ why: 'key_reused' });
    await expect(store.create({ urls: URLS, clientId: null }, other)).rejects.toMatchObject({
      ...{ name: 'JobRefused', why: 'key_reused' },
    });
  });

  it('refuses what would be too many that wait, and keeps no key of it', async () => {
    const jobs = await open({ maxQueuedImages: 5 });
    const { store } = jobs;
    const once = { key: 'k', fingerprint: 'f' };
    await create(jobs);
    const refused = store.create({ urls: URLS, clientId: null }, once);
    await expect(refused).rejects.toMatchObject({ name: 'JobRefused', why: 'queue_full' });
    expect(await store.madeWith({ ...once, fingerprint: 'other' })).toBeUndefined();
    await create(jobs, URLS.slice(0, 2));
    expect((await store.counts()).pending).toBe(5);
  });

  it('names with a claim its image and its credential, and makes it in-progress', async () => {
    const { store, queue } = await open();
    const { jobId } = await store.create({ urls: ['http://a/1'], clientId: 'me' });
    const claim = await claimSoon(queue);
    const { url, clientId, credential, attempt } = claim;
    expect([claim.jobId, url, clientId, credential, attempt]).toEqual([
      ...[jobId, 'http://a/1'],
      ...['me', 'me'],
      1,
    ]);
    expect(await store.get(jobId)).toMatchObject({
      status: 'in-progress',
      images: [{ status: 'in-progress', attempts: 1 }],
      counts: { pending: 0, inProgress: 1 },
    });
    expect(await store.counts()).toMatchObject({ pending: 0, inProgress: 1 });
    expect(await store.list(1)).toMatchObject([
      { status: 'in-progress', counts: { inProgress: 1 } },
    ]);
    expect(queue.next(() => true, false)).toBeUndefined();
  });

  it('takes turns between jobs', async () => {
    const jobs = await open({ concurrencyPerSource: 100, concurrency: 1 });
    const urls = Array.from({ length: 50 }, (_, n) => `http://a/${n}`);
    const large = await create(jobs, urls);
    await (await claimSoon(jobs.queue)).settle(COMPLETE);
    const small = await create(jobs, ['http://b/1']);
    const order: string[] = [];
    for (let n = 0; n < 4; n += 1) {
      const claim = await claimSoon(jobs.queue);
      order.push(claim.jobId);
      await claim.settle(COMPLETE);
    }
    expect(order.slice(0, 3)).toContain(small);
    expect(order).toContain(large);
  });

  it('has no more of one source under way than may be', async () => {
    const jobs = await open({ concurrencyPerSource: 2, concurrency: 8 });
    await create(jobs, [...URLS, 'http://b/1']);
    const claims = [
      await claimSoon(jobs.queue),
      await claimSoon(jobs.queue),
      await claimSoon(jobs.queue),
    ];
    expect(claims.map(({ url }) => url).sort()).toEqual(['http://a/1', 'http://a/2', 'http://b/1']);
    expect(jobs.queue.next(() => true, false)).toBeUndefined();
    await claims.find(({ url }) => url.startsWith('http://a'))?.settle(FAIL);
    expect((await claimSoon(jobs.queue)).url).toBe('http://a/3');
  });

  it('tells with its last result that the job has finished, and once', async () => {
    const jobs = await open();
    const jobId = await create(jobs, URLS.slice(0, 2));
    const [one, other] = [await claimSoon(jobs.queue), await claimSoon(jobs.queue)];
    expect((await one.settle(COMPLETE))?.finished).toBeNull();
    const last = await other.settle(FAIL);
    const summary = {
      id: jobId,
      status: 'complete',
      counts: { complete: 1, failed: 1, pending: 0 },
    };
    expect(last?.finished).toMatchObject(summary);
    expect(last?.finished?.finished).toEqual(expect.any(Number));
    expect(await jobs.store.get(jobId)).toMatchObject({ ...last?.finished, ...summary });
    expect(await images(jobs, jobId)).toMatchObject([
      { status: 'complete', link: COMPLETE.link, bytes: 7, type: 'image/png', durationMs: 12 },
      { status: 'failed', error: FAIL.error, link: null, bytes: null, durationMs: 0 },
    ]);
  });

  it('tells that the job has finished once also where its results come together', async () => {
    const jobs = await open();
    await create(jobs);
    const claims = [
      await claimSoon(jobs.queue),
      await claimSoon(jobs.queue),
      await claimSoon(jobs.queue),
    ];
    const settled = await Promise.all(claims.map((claim) => claim.settle(COMPLETE)));
    expect(settled.map((each) => each?.finished?.counts.complete)).toEqual([
      undefined,
      undefined,
      3,
    ]);
    expect((await jobs.store.linksFrom(1, 9)).links).toHaveLength(2);
  });

  it('takes the first final result alone', async () => {
    const jobs = await open();
    const jobId = await create(jobs);
    const claim = await claimSoon(jobs.queue);
    expect((await claim.settle(COMPLETE))?.image.status).toBe('complete');
    expect(await claim.settle(FAIL)).toBeUndefined();
    expect((await jobs.store.get(jobId))?.counts).toMatchObject({ complete: 1, failed: 0 });
  });

  it('counts no attempt for what is put back, and one for what failed', async () => {
    const jobs = await open();
    const jobId = await create(jobs, URLS.slice(0, 1));
    const claim = await claimSoon(jobs.queue);
    const put = await claim.settle({ ...PUT_BACK, durationMs: 5 });
    expect(put?.image).toMatchObject({ status: 'pending', attempts: 0, durationMs: 5 });
    const again = await claimSoon(jobs.queue);
    expect([again.url, again.attempt]).toEqual([claim.url, 1]);
    await again.settle({ ...PUT_BACK, counted: true, afterMs: 1, durationMs: 6 });
    expect(await images(jobs, jobId)).toMatchObject([
      { status: 'pending', attempts: 1, durationMs: 11 },
    ]);
    const third = await claimSoon(jobs.queue);
    expect(third.attempt).toBe(2);
    await third.settle(COMPLETE);
    expect(await images(jobs, jobId)).toMatchObject([{ attempts: 2, durationMs: 23 }]);
  });

  it('counts no attempt for what was not even tried', async () => {
    const jobs = await open();
    await create(jobs, URLS.slice(0, 1));
    const settled = await (await claimSoon(jobs.queue)).settle({ ...FAIL, counted: false });
    expect(settled?.image).toMatchObject({ status: 'failed', attempts: 0 });
  });

  it('gives no image of a credential that was refused until it is opened again', async () => {
    const jobs = await open();
    await jobs.store.create({ urls: URLS, clientId: 'shut' });
    await jobs.store.create({ urls: ['http://b/1'], clientId: 'open' });
    const admits = (credential: string): boolean => credential !== 'shut';
    const claim = await awaitUntil('an image that is admitted', () => {
      const next = jobs.queue.next(admits, false);
      return next === 'later' ? null : next;
    });
    expect(claim.url).toBe('http://b/1');
    expect(jobs.queue.next(admits, false)).toBeUndefined();
    jobs.queue.reopen('shut');
    expect((await claimSoon(jobs.queue)).url).toBe('http://a/1');
  });

  it('ends at a cancel what waits, what is under way and what is to be tried again', async () => {
    const jobs = await open();
    const { store, queue } = jobs;
    const heard: string[] = [];
    queue.onCancel((jobId) => heard.push(jobId));
    const [jobId, bystander] = [await create(jobs), await create(jobs, ['http://b/1'])];
    const claims = new Map<string, Claim>();
    while (claims.size < 3) {
      const claim = await claimSoon(queue);
      if (claim.jobId === jobId) claims.set(claim.url, claim);
      else await claim.settle(COMPLETE);
    }
    await claims.get('http://a/1')?.settle({ ...PUT_BACK, counted: true, afterMs: 1_000_000 });
    await claims.get('http://a/3')?.settle({ ...PUT_BACK, afterMs: 1_000_000 });
    const ended = await store.cancel(jobId);
    // It may be heard of in more than one way.
    expect(new Set(heard)).toEqual(new Set([jobId]));
    expect(ended.map(({ image }) => [image.url, image.error?.code, image.attempts])).toEqual([
      ['http://a/1', 'cancelled', 1],
      ['http://a/2', 'cancelled', 1],
      ['http://a/3', 'cancelled', 0],
    ]);
    expect(ended.map(({ finished }) => finished?.counts.failed)).toEqual([undefined, undefined, 3]);
    expect(await images(jobs, jobId)).toEqual(ended.map(({ image }) => image));
    expect(await claims.get('http://a/2')?.settle(COMPLETE)).toBeUndefined();
    expect(await store.cancel(jobId)).toEqual([]);
    expect((await store.get(bystander))?.counts.failed).toBe(0);
    expect((await store.linksFrom(0, 9)).links).toHaveLength(1);
  });

  it('finds an upload by the name in its link, and notes once that it is deleted', async () => {
    const jobs = await open({ concurrency: 1 });
    const { store, queue } = jobs;
    const { jobId } = await store.create({ urls: URLS, clientId: 'me' });
    for (const name of ['one', 'two']) {
      const link = `https://i.imgur.com/${name}.png`;
      await (await claimSoon(queue)).settle({ ...COMPLETE, link, deletehash: `${name}-hash` });
    }
    const links = ['https://i.imgur.com/one.png', 'https://i.imgur.com/two.png'];
    expect(await store.findUpload('one')).toEqual({
      ...{ jobId, clientId: 'me', link: links[0], deletehash: 'one-hash' },
    });
    expect([await store.findUpload('on'), await store.findUpload('o\0ne')]).toEqual([
      undefined,
      undefined,
    ]);

    expect(await store.markDeleted('one')).toBe(true);
    expect(await store.markDeleted('one')).toBe(false);
    expect(await store.findUpload('one')).toBeUndefined();
    expect(await store.linksFrom(0, 9)).toEqual({
      ...{ oldest: 0, deletions: 1, links: [null, links[1]] },
    });
    expect(await store.get(jobId)).toMatchObject({
      status: 'in-progress',
      counts: { pending: 1, inProgress: 0, complete: 1, failed: 0 },
      images: [
        { status: 'deleted', link: links[0], deletehash: 'one-hash' },
        { status: 'complete', link: links[1], deletehash: 'two-hash' },
        { status: 'pending', link: null, deletehash: null },
      ],
    });
    expect(await store.counts()).toMatchObject({ pending: 1, complete: 1 });

    const last = await (await claimSoon(queue)).settle(COMPLETE);
    expect(last?.finished).toMatchObject({
      status: 'complete',
      counts: { complete: 2, failed: 0 },
    });
    expect(await store.markDeleted('two')).toBe(true);
    expect(await store.list(1)).toMatchObject([
      { status: 'complete', finished: last?.finished?.finished, counts: { complete: 1 } },
    ]);
  });

  it('cancels a job of which an upload is deleted', async () => {
    const jobs = await open();
    const jobId = await create(jobs);
    await (await claimSoon(jobs.queue)).settle(COMPLETE);
    await jobs.store.markDeleted('a');
    expect(await jobs.store.cancel(jobId)).toHaveLength(2);
    const job = await jobs.store.get(jobId);
    expect(job).toMatchObject({ status: 'complete', counts: { complete: 0, failed: 2 } });
    expect(job?.images.map(({ status }) => status)).toEqual(['deleted', 'failed', 'failed']);
  });

  it('takes no new job once it is closed', async () => {
    const jobs = await open();
    await jobs.queue.close();
    await expect(create(jobs)).rejects.toMatchObject({ name: 'JobRefused', why: 'stopping' });
  });

  it('takes a hundred characters that are hard on a database as they are', async () => {
    const jobs = await open();
    const urls = [
      "http://a/'; DROP TABLE jobs; --",
      'http://a/{"x"},NULL\\',
      'http://a/ünïcödé?q=%00',
    ];
    const jobId = await create(jobs, urls);
    expect((await images(jobs, jobId)).map(({ url }) => url)).toEqual(urls);
  });
}
