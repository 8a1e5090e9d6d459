import { claimImages, type ClaimRequest } from '../../lib/postgres/claim-images';
import { createJob } from '../../lib/postgres/create-job';
import { openDatabase, type Database } from '../../lib/postgres/database';
import { Heartbeat } from '../../lib/postgres/heartbeat';
import { LOCKS } from '../../lib/postgres/locks';
import { migrate } from '../../lib/postgres/migrate';
import { startApp } from '../support/app-under-test';
import { awaitUntil } from '../support/await-until';
import { enlistWorkers } from '../support/enlist-workers';
import { logLines } from '../support/log-lines';
import { startLateProxy, type LateProxy } from '../support/late-proxy';
import { picture } from '../support/pictures';
import { describeWithPostgres, testDatabase } from '../support/postgres';
import { startRecordingImgur } from '../support/recording-imgur';
import { startSource } from '../support/source-server';

jest.setTimeout(60_000);

const WORKER = '00000000-0000-4000-8000-000000000001';
const ONE_IMAGE = { worker: WORKER, most: 1, perHost: 9, shut: [], wakes: true };

describeWithPostgres('a claim that was given up and reaches the database late', () => {
  let given: Awaited<ReturnType<typeof testDatabase>>;
  let db: Database;
  let proxy: LateProxy;
  const closing: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    given = await testDatabase();
    db = openDatabase(given.url, 'test', 2);
    await migrate(db);
  });
  beforeEach(async () => {
    await db.query('TRUNCATE jobs, images, queue, gates, workers');
    proxy = await startLateProxy(given.url);
    closing.push(() => proxy.close());
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  afterAll(async () => {
    await db.close();
    await given.close();
  });

  const waitsHere = () =>
    awaitUntil('all of a claim to wait on its way', () => proxy.held.includes('COMMIT'));
  const underWay = async (): Promise<number[]> => {
    const rows = await db.query<{ idx: number }>(
      'SELECT idx FROM queue WHERE state = 2 AND worker = $1 ORDER BY idx',
      [WORKER],
    );
    return rows.map(({ idx }) => idx);
  };

  describe('among the tables', () => {
    let far: Database;

    beforeEach(async () => {
      far = openDatabase(proxy.url, 'far', 1);
      closing.push(() => far.close());
      await enlistWorkers(db.query, [WORKER]);
      const urls = [0, 1, 2].map((n) => `http://host/${n}`);
      await createJob(db, { urls, clientId: null }, 'gate', 10);
    });

    const beat = (fence: number): Promise<void> =>
      new Heartbeat({
        ...{ database: db, worker: WORKER, role: 'worker', log: logLines().log },
        fence: () => fence,
        jobIds: () => [],
        onEnded: () => undefined,
        onTakenOver: () => undefined,
        onGivenUp: () => undefined,
        onBeat: () => Promise.resolve(),
      }).beat();
    const giveUp = async (request: ClaimRequest): Promise<void> => {
      proxy.holdFrom('BEGIN');
      const outcome = claimImages(far, request).catch((error: unknown) => error);
      await waitsHere();
      await proxy.cut();
      expect(await outcome).toMatchObject({ name: 'StoreUnavailable' });
    };

    it('leaves nothing under way that its worker does not know of, if the next one comes after it', async () => {
      const known = await claimImages(db, { ...ONE_IMAGE, fence: 0, known: null });
      await giveUp({ ...ONE_IMAGE, fence: 0, known: null });
      await proxy.deliver();
      expect(await underWay()).toEqual([0, 1]);
      expect(await claimImages(db, { ...ONE_IMAGE, most: 0, fence: 1, known })).toEqual([]);
      expect(await underWay()).toEqual([0]);
    });

    it('takes nothing, if the next one came before it', async () => {
      const known = await claimImages(db, { ...ONE_IMAGE, fence: 0, known: null });
      await giveUp({ ...ONE_IMAGE, fence: 0, known: null });
      expect(await claimImages(db, { ...ONE_IMAGE, fence: 1, known })).toMatchObject([{ idx: 1 }]);
      await proxy.deliver();
      expect(await underWay()).toEqual([0, 1]);
    });

    it('gives back nothing that was claimed since', async () => {
      await giveUp({ ...ONE_IMAGE, fence: 1, known: [] });
      expect(await claimImages(db, { ...ONE_IMAGE, fence: 2, known: [] })).toHaveLength(1);
      await proxy.deliver();
      expect(await underWay()).toEqual([0]);
    });

    it('is told by the highest number that its worker has said, in whatever order its beats come', async () => {
      const numbers: unknown[] = [];
      for (const fence of [2, 1, 3]) {
        await beat(fence);
        numbers.push(...(await db.query('SELECT fence FROM workers')));
      }
      expect(numbers).toEqual([{ fence: '2' }, { fence: '2' }, { fence: '3' }]);
    });

    it('takes nothing for a worker that is not in the list, which others take for silent', async () => {
      await db.query('DELETE FROM workers');
      expect(await claimImages(db, { ...ONE_IMAGE, fence: 0, known: null })).toEqual([]);
      await expect(claimImages(db, { ...ONE_IMAGE, fence: 1, known: [] })).rejects.toMatchObject({
        name: 'StoreUnavailable',
      });
    });
  });

  it('holds up no job of a whole service, which begins with higher numbers even if it was forgotten', async () => {
    let answer = (): void => undefined;
    const isFree = new Promise<void>((resolve) => (answer = resolve));
    const source = await startSource({
      '/a.png': (_request, response) =>
        void isFree.then(() => response.writeHead(200).end(picture('rgb8.png'))),
    });
    closing.push(() => source.close());
    const imgur = await startRecordingImgur();
    closing.push(() => imgur.close());
    const { app } = await startApp({
      ...{ DATABASE_URL: proxy.url, IMGUR_API_URL: imgur.url },
      ...{ CONCURRENCY: '1', DRAIN_TIMEOUT_MS: '0' },
    });
    closing.push(() => app.drain());
    proxy.holdFrom(String(LOCKS.claim));
    await waitsHere();
    await proxy.cut();
    const urls = Array.from({ length: 3 }, () => `${source.url}/a.png`);
    const { jobId } = await app.store.create({ urls, clientId: null });
    await awaitUntil('an image to be claimed anew', () => source.requests.length > 0);
    await proxy.deliver();
    answer();
    const counts = async () => (await app.store.get(jobId))?.counts.complete;
    await awaitUntil('all to be complete', async () => (await counts()) === 3);

    const fence = async () =>
      (await db.query<{ fence: string }>('SELECT fence FROM workers'))[0]?.fence;
    expect(await fence()).toBe('1');
    await db.query('DELETE FROM workers');
    expect(await awaitUntil('the next beat', fence)).toBe('1');
  });
});
