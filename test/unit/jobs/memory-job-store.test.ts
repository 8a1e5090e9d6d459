import fc from 'fast-check';
import type { ImageEvent } from '../../../lib/jobs/job';
import { isQueueFull } from '../../../lib/jobs/job-store';
import { MemoryJobStore } from '../../../lib/jobs/memory-job-store';

const BOUNDS = { maxQueuedImages: 1000, maxFinishedImages: 1000, maxLinks: 1000 };
const START: ImageEvent = { type: 'start' };
const RELEASE: ImageEvent = { type: 'release', counted: true, durationMs: 5 };
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

async function finish(store: MemoryJobStore, jobId: string, link = COMPLETE.link): Promise<void> {
  await store.update(jobId, 0, START);
  await store.update(jobId, 0, { ...COMPLETE, link });
}

function newStore(bounds: Partial<typeof BOUNDS> = {}): MemoryJobStore {
  let now = 0;
  return new MemoryJobStore({ ...BOUNDS, ...bounds }, () => (now += 1));
}

const linksOf = async (store: MemoryJobStore): Promise<readonly string[]> =>
  (await store.linksFrom(0, Infinity)).links;

describe('MemoryJobStore', () => {
  it('leads a job from pending over in-progress to complete', async () => {
    const store = newStore();
    const { id, status } = await store.create({
      urls: ['http://a/1', 'http://a/2'],
      clientId: null,
    });
    expect(status).toBe('pending');
    expect((await store.update(id, 0, START)).job.status).toBe('in-progress');
    expect((await store.update(id, 0, COMPLETE)).job).toMatchObject({
      status: 'in-progress',
      finished: null,
    });
    const last = await store.update(id, 1, FAIL);
    expect(last.job).toEqual({
      id,
      created: 1,
      finished: 2,
      status: 'complete',
      counts: { pending: 0, inProgress: 0, complete: 1, failed: 1 },
    });
  });

  it('stays in-progress while the only started image waits for another attempt', async () => {
    const store = newStore();
    const { id } = await store.create({ urls: ['http://a/1'], clientId: null });
    await store.update(id, 0, START);
    const { job, image } = await store.update(id, 0, RELEASE);
    expect([job.status, image.status, image.attempts]).toEqual(['in-progress', 'pending', 1]);
  });

  it('does not count an attempt that a pause ended, and adds up the time of all', async () => {
    const store = newStore();
    const { id } = await store.create({ urls: ['http://a/1'], clientId: null });
    await store.update(id, 0, START);
    await store.update(id, 0, { ...RELEASE, counted: false });
    await store.update(id, 0, START);
    const { image } = await store.update(id, 0, COMPLETE);
    expect(image).toMatchObject({ attempts: 1, durationMs: 10, bytes: 10, type: 'image/png' });
  });

  it('gives readers copies', async () => {
    const store = newStore();
    const { id } = await store.create({ urls: ['http://a/1'], clientId: 'me' });
    const before = await store.get(id);
    const counts = await store.counts();
    await finish(store, id);
    expect(before).toMatchObject({ clientId: 'me', images: [{ status: 'pending', link: null }] });
    expect(before?.counts.pending).toBe(1);
    expect(counts).toEqual({ pending: 1, inProgress: 0, complete: 0, failed: 0 });
    expect(await linksOf(store)).toEqual([COMPLETE.link]);
  });

  it('refuses a job that would let too many images wait, and keeps nothing of it', async () => {
    const store = newStore({ maxQueuedImages: 2 });
    await store.create({ urls: ['http://a/1'], clientId: null });
    const refused = await store
      .create({ urls: ['u', 'v'], clientId: null })
      .catch((e: unknown) => e);
    expect(isQueueFull(refused)).toBe(true);
    expect(await store.list(10)).toHaveLength(1);
    expect((await store.counts()).pending).toBe(1);
    // One that just fits is taken.
    await store.create({ urls: ['u'], clientId: null });
    expect((await store.counts()).pending).toBe(2);
  });

  it('drops the job that finished first, and never an unfinished one or its links', async () => {
    const store = newStore({ maxFinishedImages: 2 });
    const ids: string[] = [];
    for (let n = 0; n < 4; n += 1) {
      ids.push((await store.create({ urls: [`http://a/${n}`], clientId: null })).id);
    }
    for (const n of [2, 1, 3]) await finish(store, ids[n]!, `https://i.imgur.com/${n}.png`);
    const kept = await Promise.all(ids.map(async (id) => (await store.get(id)) !== undefined));
    expect(kept).toEqual([true, true, false, true]);
    expect(await linksOf(store)).toEqual([2, 1, 3].map((n) => `https://i.imgur.com/${n}.png`));
    expect(await store.counts()).toEqual({ pending: 1, inProgress: 0, complete: 2, failed: 0 });
    // And the next one, once.
    await finish(store, ids[0]!);
    expect((await store.list(10)).map(({ id }) => id)).toEqual([ids[3], ids[0]]);
    expect(await store.counts()).toEqual({ pending: 0, inProgress: 0, complete: 2, failed: 0 });
  });

  it('keeps a finished job that alone is over the bound', async () => {
    const store = newStore({ maxFinishedImages: 1 });
    const { id } = await store.create({ urls: ['a', 'b', 'c'], clientId: null });
    for (const index of [0, 1, 2]) await store.update(id, index, FAIL);
    expect((await store.get(id))?.status).toBe('complete');
    // The next one that finishes takes its room.
    await finish(store, (await store.create({ urls: ['d'], clientId: null })).id);
    expect(await store.get(id)).toBeUndefined();
    expect(await store.counts()).toEqual({ pending: 0, inProgress: 0, complete: 1, failed: 0 });
  });

  it('drops the oldest tenth of the links over their bound', async () => {
    const store = newStore({ maxLinks: 20 });
    const add = async (n: number): Promise<void> => {
      const { id } = await store.create({ urls: ['http://a/1'], clientId: null });
      await finish(store, id, `https://i.imgur.com/${n}.png`);
    };
    for (let n = 0; n < 20; n += 1) await add(n);
    expect(await linksOf(store)).toHaveLength(20);
    await add(20);
    const links = await linksOf(store);
    expect([links.length, links[0]]).toEqual([19, 'https://i.imgur.com/2.png']);
    expect(await store.linksFrom(19, 10)).toEqual({
      oldest: 2,
      links: ['https://i.imgur.com/19.png', 'https://i.imgur.com/20.png'],
    });
    expect((await store.linksFrom(0, 1)).links).toEqual(['https://i.imgur.com/2.png']);
  });

  it('lists the newest jobs first, up to the limit', async () => {
    const store = newStore();
    const ids = [];
    for (let n = 0; n < 3; n += 1)
      ids.push((await store.create({ urls: ['u'], clientId: null })).id);
    expect((await store.list(2)).map(({ id }) => id)).toEqual([ids[2], ids[1]]);
  });

  it('rejects an event for a job or an image that it does not know', async () => {
    const store = newStore();
    const { id } = await store.create({ urls: ['u'], clientId: null });
    await expect(store.update('nobody', 0, START)).rejects.toThrow(RangeError);
    await expect(store.update(id, 1, START)).rejects.toThrow(RangeError);
  });

  it('allows only legal transitions and counts right, for any sequence of events', async () => {
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
    await fc.assert(
      fc.asyncProperty(events, async (sequence) => {
        const store = newStore();
        const { id } = await store.create({ urls: ['a', 'b', 'c'], clientId: null });
        const model = ['pending', 'pending', 'pending'];
        for (const { index, event } of sequence) {
          const next = LEGAL[model[index]!]![event.type];
          const update = store.update(id, index, event);
          if (next === undefined) {
            await expect(update).rejects.toMatchObject({ name: 'IllegalTransition' });
          } else {
            expect((await update).image.status).toBe(next);
            model[index] = next;
          }
        }
        const job = (await store.get(id))!;
        expect(job.images.map(({ status }) => status)).toEqual(model);
        const count = (status: string) => model.filter((other) => other === status).length;
        const counts = {
          pending: count('pending'),
          inProgress: count('in-progress'),
          complete: count('complete'),
          failed: count('failed'),
        };
        expect(job.counts).toEqual(counts);
        expect(await store.counts()).toEqual(counts);
        expect(job.finished === null).toBe(job.status !== 'complete');
        expect(await linksOf(store)).toHaveLength(counts.complete);
      }),
    );
  });
});
