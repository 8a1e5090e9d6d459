import { claimImages, type ClaimedImage } from '../../lib/postgres/claim-images';
import { openDatabase, type Database } from '../../lib/postgres/database';
import { migrate } from '../../lib/postgres/migrate';
import { MIGRATIONS } from '../../lib/postgres/migrations';
import { settleImages, type FinalResult } from '../../lib/postgres/settle-images';
import { IMGUR_FAULTS } from '../../lib/imgur-stand-in/faults';
import { startApp, type AppUnderTest } from '../support/app-under-test';
import { awaitUntil } from '../support/await-until';
import { enlistWorkers } from '../support/enlist-workers';
import { picture } from '../support/pictures';
import { describeWithPostgres, startCluster, type Cluster } from '../support/postgres';
import { startRecordingImgur, type RecordingImgur } from '../support/recording-imgur';
import { startSource, type Serve, type SourceServer } from '../support/source-server';

jest.setTimeout(60_000);

const ACCOUNT = {
  IMGUR_CLIENT_ID: 's3cret-client-id',
  IMGUR_CLIENT_SECRET: 's3cret-client-secret',
  IMGUR_ACCESS_TOKEN: 's3cret-expired-token',
  IMGUR_REFRESH_TOKEN: 's3cret-refresh-token',
};

describeWithPostgres('a fleet', () => {
  let cluster: Cluster;
  let url: string;
  const apps: AppUnderTest[] = [];
  const closing: { close(): Promise<void> }[] = [];

  beforeAll(async () => void (cluster = await startCluster()));
  beforeEach(async () => void (url = await cluster.newDatabase()));
  afterEach(async () => {
    await Promise.all(apps.splice(0).map(({ app }) => app.drain()));
    await Promise.all(closing.splice(0).map((each) => each.close()));
  });
  afterAll(() => cluster.close());

  const keep = <T extends { close(): Promise<void> }>(each: T): T => {
    closing.push(each);
    return each;
  };
  const start = async (
    count: number,
    imgur: RecordingImgur,
    more: Record<string, string> = {},
  ): Promise<AppUnderTest[]> => {
    const settings = {
      DATABASE_URL: url,
      IMGUR_API_URL: imgur.url,
      DRAIN_TIMEOUT_MS: '0',
      ...more,
    };
    const started = await Promise.all(Array.from({ length: count }, () => startApp(settings)));
    apps.push(...started);
    return started;
  };
  const finished = (app: AppUnderTest, jobId: string) =>
    awaitUntil(
      'the job to be complete',
      async () => {
        const job = await app.app.store.get(jobId);
        return job?.status === 'complete' ? job : null;
      },
      50_000,
    );

  /** Pictures that take a while, and how many of them were asked for at once. */
  const countingSource = async (ms: number): Promise<SourceServer & { most(): number }> => {
    const bytes = picture('rgb8.png');
    let [now, most] = [0, 0];
    const serve: Serve = (_request, response) => {
      now += 1;
      most = Math.max(most, now);
      setTimeout(() => {
        now -= 1;
        response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
      }, ms);
    };
    const routes = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`/${n}`, serve]));
    const source = await startSource(routes);
    return keep(Object.assign(source, { most: () => most }));
  };
  const urls = (source: SourceServer, count: number) =>
    Array.from({ length: count }, (_, n) => `${source.url}/${n}`);

  it('has no more of one source under way than one process may', async () => {
    const source = await countingSource(20);
    const all = await start(5, keep(await startRecordingImgur()), { CONCURRENCY_PER_SOURCE: '3' });
    const { jobId } = await all[0]!.app.store.create({ urls: urls(source, 150), clientId: null });
    const job = await finished(all[4]!, jobId);
    expect([job.counts.complete, source.most()]).toEqual([150, 3]);
  });

  it('shares a pause: few requests are made in it, and no image fails', async () => {
    let endsAt = Infinity;
    const imgur = keep(
      await startRecordingImgur({
        script: ({ count }) => {
          if (count === 1) endsAt = performance.now() + 3000;
          return performance.now() < endsAt ? IMGUR_FAULTS.row14_too_many_requests : undefined;
        },
      }),
    );
    const source = await countingSource(1);
    const all = await start(3, imgur, { CONCURRENCY_PER_SOURCE: '100', CONCURRENCY: '8' });
    const { jobId } = await all[0]!.app.store.create({ urls: urls(source, 300), clientId: null });
    const job = await finished(all[1]!, jobId);
    expect(job.counts).toMatchObject({ complete: 300, failed: 0 });
    const during = imgur.requests.filter((at) => at < endsAt);
    // What was under way when it began, and then a probe each time that it ended too early.
    expect(during.length).toBeLessThan(3 * 8 + 6);
    const later = during.filter((at) => at > during[0]! + 1000);
    // One for all of them, and not one each.
    expect(later.length).toBeLessThan(3);
    // Each opens its own by what it uploads itself, so there is enough for all of them.
    const isOpen = () => all.every(({ app }) => app.gate.look('default').places === null);
    await awaitUntil('the gates to be open', async () => {
      if (isOpen()) return true;
      const more = await all[0]!.app.store.create({ urls: urls(source, 30), clientId: null });
      await finished(all[1]!, more.jobId);
      return isOpen();
    });
  });

  it('does a job of one image soon, amid ten large ones', async () => {
    const source = await countingSource(20);
    const places = { CONCURRENCY: '4', CONCURRENCY_PER_SOURCE: '100' };
    const all = await start(3, keep(await startRecordingImgur()), places);
    const { store } = all[0]!.app;
    const large = await Promise.all(
      Array.from({ length: 10 }, () => store.create({ urls: urls(source, 60), clientId: null })),
    );
    await awaitUntil('the large ones to be under way', () => source.requests.length > 60);
    const { jobId } = await store.create({ urls: [`${source.url}/299`], clientId: null });
    const before = source.requests.length;
    await awaitUntil('its image to be asked for', () => source.requests.includes('/299'));
    // What each worker had claimed by then, and one turn of each of the others.
    const passed = source.requests.indexOf('/299') - before;
    expect(passed).toBeLessThanOrEqual(2 * 3 * 4 + 10);
    await finished(all[2]!, jobId);
    for (const job of large) await store.cancel(job.jobId);
  });

  it('refreshes a token once', async () => {
    const imgur = keep(
      await startRecordingImgur({ refreshTokens: [ACCOUNT.IMGUR_REFRESH_TOKEN], accessTokens: [] }),
    );
    const source = await countingSource(20);
    const all = await start(3, imgur, { ...ACCOUNT, CONCURRENCY: '4' });
    const { jobId } = await all[0]!.app.store.create({ urls: urls(source, 60), clientId: null });
    const job = await finished(all[1]!, jobId);
    expect(job.counts).toMatchObject({ complete: 60, failed: 0 });
    expect(imgur.refreshes).toBe(1);
  });

  it('makes one job of many requests with one key, whomever they go to', async () => {
    const all = await start(3, keep(await startRecordingImgur()), { ROLE: 'api' });
    const once = { key: 'k', fingerprint: 'f' };
    const made = await Promise.all(
      Array.from({ length: 21 }, (_, n) =>
        all[n % 3]!.app.store.create({ urls: ['http://a/1'], clientId: null }, once),
      ),
    );
    expect(new Set(made.map(({ jobId }) => jobId)).size).toBe(1);
  });

  it('has an answer for its callers within 3 seconds while the database stands still', async () => {
    const [app] = await start(1, keep(await startRecordingImgur()), { ROLE: 'api' });
    const { store } = app!.app;
    const { jobId } = await store.create({ urls: ['http://a/'], clientId: null });
    const asked = performance.now();
    cluster.signalAll('SIGSTOP');
    try {
      const away = { name: 'StoreUnavailable' };
      await Promise.all([
        expect(store.get(jobId)).rejects.toMatchObject(away),
        expect(store.create({ urls: ['http://a/'], clientId: null })).rejects.toMatchObject(away),
        expect(store.list(9)).rejects.toMatchObject(away),
        expect(store.linksFrom(0, 9)).rejects.toMatchObject(away),
      ]);
      expect(performance.now() - asked).toBeLessThan(3000);
    } finally {
      cluster.signalAll('SIGCONT');
    }
    await awaitUntil('the store to answer', () => store.get(jobId).catch(() => null));
  });

  it('does not start on a database that refuses it, and tells no password', async () => {
    const refused = url.replace('s3cret-database', 's3cret-wrong');
    const starting = startApp({ DATABASE_URL: refused, IMGUR_API_URL: 'http://127.0.0.1:9' });
    await expect(starting).rejects.toMatchObject({
      name: 'ConfigError',
      problems: [expect.stringMatching(/^Expected DATABASE_URL .* password authentication failed/)],
    });
    await expect(starting).rejects.not.toThrow(/s3cret/);
  });

  it('tells whoever works on a job that another one has cancelled it', async () => {
    let isLeft = false;
    const never: Serve = (_request, response) => void response.on('close', () => (isLeft = true));
    const source = keep(await startSource({ '/never': never }));
    const imgur = keep(await startRecordingImgur());
    const [one] = await start(1, imgur, { ROLE: 'api' });
    await start(1, imgur, { STALL_TIMEOUT_MS: '60000', DOWNLOAD_TIMEOUT_MS: '60000' });
    const { store } = one!.app;
    const { jobId } = await store.create({ urls: [`${source.url}/never`], clientId: null });
    await awaitUntil('the source to be asked', () => source.requests.length > 0);
    await store.cancel(jobId);
    expect(await awaitUntil('the source to be left', () => isLeft, 10_000)).toBe(true);
  });

  describe('in its tables', () => {
    const database = async (): Promise<Database> => {
      const opened = keep(openDatabase(url, 'test', 8));
      await migrate(opened);
      await enlistWorkers(opened.query, [ONE, OTHER]);
      return opened;
    };
    const ONE = '00000000-0000-4000-8000-000000000001';
    const OTHER = '00000000-0000-4000-8000-000000000002';
    const REQUEST = { fence: 0, most: 32, perHost: 8, shut: [], known: null, wakes: true };
    const givenBack = ({ job, idx, claims }: ClaimedImage) => {
      return { job, idx, claims, durationMs: 1, counted: false, afterMs: null };
    };
    const claimed = (of: Database, worker: string, known: null | [] = null) =>
      claimImages(of, { ...REQUEST, worker, known });
    const done = (job: string, idx: number, link: string): FinalResult => ({
      ...{ job, idx, link, deletehash: null, durationMs: 1, counted: true, bytes: 1 },
      ...{ mime: 'image/png', sourceMime: 'image/png', error: null },
    });

    it('can be made by five processes at once, and again from every version before', async () => {
      const opened = Array.from({ length: 5 }, () => keep(openDatabase(url, 'test', 1)));
      await Promise.all(opened.map((each) => migrate(each)));
      await migrate(opened[0]!, [...MIGRATIONS, 'CREATE TABLE later (id integer)']);
      // One of the version before finds a later one, and leaves it.
      await migrate(opened[1]!);
      const versions = await opened[2]!.query('SELECT version FROM migrations ORDER BY version');
      expect(versions).toHaveLength(MIGRATIONS.length + 1);
    });

    it('has the first final result win, and lets only the owner give back', async () => {
      const db = await database();
      await start(1, keep(await startRecordingImgur()), { ROLE: 'api' });
      await apps[0]!.app.store.create({ urls: ['http://a/1', 'http://a/2'], clientId: null });
      const [image, second] = await claimed(db, ONE);
      // As when the lease of the one had run out.
      await db.query('UPDATE queue SET worker = $1', [OTHER]);
      const back = givenBack(second!);
      expect((await settleImages(db, ONE, [], [back])).givenBack).toEqual([]);
      const result = done(image!.job, image!.idx, 'http://i/one');
      expect((await settleImages(db, ONE, [result], [])).ended).toHaveLength(1);
      const late = done(image!.job, image!.idx, 'http://i/other');
      expect((await settleImages(db, OTHER, [late], [])).ended).toEqual([]);
      expect((await apps[0]!.app.store.linksFrom(0, 9)).links).toEqual(['http://i/one']);
    });

    it('leaves an image under way that is given back once more, or late', async () => {
      const db = await database();
      await start(1, keep(await startRecordingImgur()), { ROLE: 'api' });
      await apps[0]!.app.store.create({ urls: ['http://a/1'], clientId: null });
      const [first] = await claimed(db, ONE);
      expect((await settleImages(db, ONE, [], [givenBack(first!)])).givenBack).toHaveLength(1);
      const [again] = await claimed(db, ONE);
      // The answer was lost, so it is written again.
      expect((await settleImages(db, ONE, [], [givenBack(first!)])).givenBack).toEqual([]);
      expect(await claimed(db, OTHER)).toEqual([]);
      expect((await settleImages(db, ONE, [], [givenBack(again!)])).givenBack).toHaveLength(1);
    });

    it('writes what ended beside what is given back, in whatever order others do', async () => {
      const db = await database();
      await start(1, keep(await startRecordingImgur()), { ROLE: 'api' });
      const { store } = apps[0]!.app;
      const urls = Array.from({ length: 20 }, (_, n) => `http://a/${n}`);
      for (let n = 0; n < 2; n += 1) await store.create({ urls, clientId: null });
      const images = [0, 1].map((): ClaimedImage[] => []);
      const all = await claimImages(db, { ...REQUEST, worker: ONE, most: 40, perHost: 40 });
      for (const image of all) images[image.job === all[0]?.job ? 0 : 1]?.push(image);
      await db.query(
        `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET deadlock_timeout = '50ms'`,
      );
      const pairs = Array.from({ length: 20 }, (_, n) => [images[0]?.[n], images[1]?.[n]] as const);
      const settling = pairs.map(([one, other], n) => {
        const [ends, goes] = n % 2 === 0 ? [one!, other!] : [other!, one!];
        const result = done(ends.job, ends.idx, `http://i/${n}`);
        return settleImages(db, ONE, [result], [givenBack(goes)]);
      });
      for (const { ended, givenBack: back } of await Promise.all(settling)) {
        expect([ended.length, back.length]).toEqual([1, 1]);
      }
    });

    it('gives back what was claimed by an answer that was lost', async () => {
      const db = await database();
      await start(1, keep(await startRecordingImgur()), { ROLE: 'api' });
      await apps[0]!.app.store.create({ urls: ['http://a/1'], clientId: null });
      expect(await claimed(db, ONE)).toHaveLength(1);
      expect(await claimed(db, ONE)).toEqual([]);
      expect(await claimed(db, ONE, [])).toHaveLength(1);
    });

    it('drops the oldest jobs and links over the bounds', async () => {
      const db = await database();
      const { sweep } = await import('../../lib/postgres/sweep');
      await start(1, keep(await startRecordingImgur()), { ROLE: 'api' });
      const { store } = apps[0]!.app;
      const ids: string[] = [];
      for (let n = 0; n < 3; n += 1) {
        ids.push(
          (await store.create({ urls: ['http://a/1', 'http://b/1'], clientId: null })).jobId,
        );
        for (const { job, idx } of await claimed(db, ONE)) {
          await settleImages(db, ONE, [done(job, idx, `http://i/${n}${idx}`)], []);
        }
      }
      // As by a process of an earlier version.
      await db.query("INSERT INTO images (job, idx, url) VALUES (0, 0, 'http://gone/')");
      await sweep(db, { maxFinishedImages: 4, maxLinks: 5 });
      expect((await store.list(9)).map(({ id }) => id)).toEqual([ids[2], ids[1]]);
      const images = await db.query('SELECT DISTINCT seq FROM images LEFT JOIN jobs ON seq = job');
      expect(images.map(({ seq }: { seq?: string }) => typeof seq)).toEqual(['string', 'string']);
      const links = await store.linksFrom(0, 9);
      expect([links.oldest, links.links.length]).toEqual([1, 5]);
    });
  });
});
