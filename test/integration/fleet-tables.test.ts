import { CLAIM, claimImages, type ClaimedImage } from '../../lib/postgres/claim-images';
import { createJob } from '../../lib/postgres/create-job';
import { openDatabase, type Database } from '../../lib/postgres/database';
import { migrate } from '../../lib/postgres/migrate';
import { MIGRATIONS } from '../../lib/postgres/migrations';
import { readJob, readJobs } from '../../lib/postgres/read-jobs';
import { NOTHING, settleImages } from '../../lib/postgres/settle-images';
import { sweep } from '../../lib/postgres/sweep';
import { MOST_TAKEOVERS, takeOver } from '../../lib/postgres/take-over';
import { enlistWorkers } from '../support/enlist-workers';
import { describeWithPostgres, startCluster, type Cluster } from '../support/postgres';

jest.setTimeout(60_000);

/** Of no process that lives. */
const SILENT = '00000000-0000-4000-8000-000000000001';
const TAKER = '00000000-0000-4000-8000-000000000002';
const REQUEST = { fence: 0, known: null, wakes: true };

interface Plan {
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Shared Hit Blocks'?: number;
  readonly Plans?: readonly Plan[];
}
interface Explained {
  readonly 'QUERY PLAN': readonly { readonly Plan: Plan }[];
}

/** How many rows of the queue a statement looked at, all its parts together. */
function rowsOfQueue(plan: Plan): number {
  const { 'Actual Rows': found, 'Actual Loops': loops, Plans = [] } = plan;
  const passed = plan['Rows Removed by Filter'] ?? 0;
  const own = plan['Relation Name'] === 'queue' ? (found + passed) * loops : 0;
  return Plans.reduce((sum, each) => sum + rowsOfQueue(each), own);
}

describeWithPostgres('the tables of a fleet', () => {
  let cluster: Cluster;
  let db: Database;
  const opened: Database[] = [];
  const open = (url: string, most = 4): Database => {
    const database = openDatabase(url, 'test', most);
    opened.push(database);
    return database;
  };

  beforeAll(async () => void (cluster = await startCluster()));
  beforeEach(async () => {
    db = open(await cluster.newDatabase());
    await migrate(db);
    await enlistWorkers(db.query, [SILENT, TAKER]);
  });
  afterEach(() => Promise.all(opened.splice(0).map((each) => each.close())));
  afterAll(() => cluster.close());

  const create = async (gate: string, urls: readonly string[]): Promise<string> =>
    (await createJob(db, { urls, clientId: gate }, gate, 1_000_000)).jobId;
  const claim = (most: number, shut: readonly string[] = []): Promise<ClaimedImage[]> =>
    claimImages(db, { ...REQUEST, worker: SILENT, most, perHost: 1000, shut });
  const images = (host: string, count: number): string[] =>
    Array.from({ length: count }, (_, n) => `http://${host}/${n}`);

  /** A thousand jobs of 40 images, some of which are first and of a host that is full. */
  const fill = async (credentials: number, inFront: number): Promise<void> => {
    const insert = `
      INSERT INTO jobs (id, gate, total)
        SELECT gen_random_uuid(), 'gate-' || n % ${credentials}, 40 FROM generate_series(1, 1000) n;
      INSERT INTO gates (gate) SELECT DISTINCT gate FROM jobs;
      INSERT INTO images (job, idx, url) SELECT seq, i, 'http://h/' FROM jobs, generate_series(0, 39) i;
      INSERT INTO queue (job, idx, turn, gate, host)
        SELECT seq, i, i, gate, CASE WHEN i < ${inFront} THEN 'full' ELSE 'host-' || seq END
        FROM jobs, generate_series(0, 39) i;
      UPDATE queue SET state = 2, worker = gen_random_uuid()
        WHERE (job, idx) IN (SELECT job, idx FROM queue WHERE host = 'full' LIMIT 8);
      ANALYZE`;
    await db.transaction((query) => query(insert), { timeoutMs: 30_000 });
  };

  it.each([
    ['before it is begun', 'INSERT INTO', 'INSERT INTO gates (gate) VALUES ($1::text)', 0],
    ['first', 'INSERT INTO gates (gate) SELECT 1 / 0', 'SELECT $1::int', 0],
    ['then', "INSERT INTO gates (gate) VALUES ('gate')", 'SELECT 1 / $1::int', 0],
    [
      'at the end',
      'SET CONSTRAINTS ALL DEFERRED; INSERT INTO late VALUES (1, 2)',
      'SELECT $1::int',
      1,
    ],
  ])('stay as they were when one of two statements fails %s', async (_when, first, sql, value) => {
    const single = open(await cluster.newDatabase(), 1);
    await migrate(single);
    await single.query('CREATE TABLE late (n int UNIQUE, of int REFERENCES late (n) DEFERRABLE)');
    await expect(single.transact(first, sql, [value])).rejects.toThrow();
    // The same connection goes on, outside of any transaction.
    expect(await single.query('SELECT gate FROM gates')).toEqual([]);
    expect(await single.query('SELECT n FROM late')).toEqual([]);
    expect(await single.transact('SELECT 1', 'SELECT $1::int AS n', [7])).toEqual([{ n: 7 }]);
  });

  describe('in a claim', () => {
    it('are asked by statements that the server does not compile first', async () => {
      // The server of these tests may do so: by default it is asked to.
      await db.query('RESET ALL');
      expect(await db.query('SHOW jit')).toEqual([{ jit: 'off' }]);
    });

    it('have each credential have its turn, however many there are', async () => {
      const gates = Array.from({ length: 40 }, (_, n) => `gate-${n}`);
      for (const gate of gates) await create(gate, images(gate, 3));
      for (const round of [0, 1, 2]) {
        const claimed: ClaimedImage[] = [];
        while (claimed.length < 40) claimed.push(...(await claim(8)));
        expect(claimed.map(({ gate }) => gate).sort()).toEqual([...gates].sort());
        expect(new Set(claimed.map(({ idx }) => idx))).toEqual(new Set([round]));
      }
    });

    it('begin with the credentials that were served least, and of equals with those that have less under way', async () => {
      const gates = Array.from({ length: 40 }, (_, n) => `gate-${String(n).padStart(2, '0')}`);
      for (const gate of gates) await create(gate, images(gate, 2));
      const least = async (): Promise<string[]> => (await claim(8)).map(({ gate }) => gate).sort();
      await db.query(
        `UPDATE queue SET state = 2, worker = '${SILENT}' WHERE idx = 0 AND gate < 'gate-32'`,
      );
      expect(await least()).toEqual(gates.slice(32));
      await db.query(`UPDATE queue SET state = 0, worker = NULL`);
      await db.query(
        `UPDATE gates SET served = CASE WHEN gate < 'gate-32' THEN 9 ELSE 5 END, turn = 0`,
      );
      expect(await least()).toEqual(gates.slice(32));
    });

    it('give a job with a credential of its own as much as each other job', async () => {
      for (let n = 0; n < 3; n += 1) await create('shared', images(`host-${n}`, 40));
      await create('own', images('own', 40));
      const claimed: ClaimedImage[] = [];
      while (claimed.length < 80) claimed.push(...(await claim(8)));
      const own = claimed.filter(({ gate }) => gate === 'own').length;
      expect(own).toBeGreaterThanOrEqual(18);
      expect(own).toBeLessThanOrEqual(22);
    });

    it('let a credential that was passed over go on, and not catch up', async () => {
      await create('early', images('early', 100));
      await create('late', images('late', 100));
      while ((await claim(8, ['late'])).length > 0);
      await create('early', images('early', 40));
      const claimed: ClaimedImage[] = [];
      while (claimed.length < 40) claimed.push(...(await claim(8)));
      const late = claimed.filter(({ gate }) => gate === 'late').length;
      expect(late).toBeGreaterThanOrEqual(18);
      expect(late).toBeLessThanOrEqual(22);
    });

    it('outlive a crash of the database, so that nobody else is given what is under way', async () => {
      await create('gate', images('host', 8));
      expect(await claim(3)).toHaveLength(3);
      await cluster.kill();
      await cluster.start();
      const rest = await claim(8);
      expect(rest.map(({ idx }) => idx)).toEqual([3, 4, 5, 6, 7]);
    });

    it('leave what another transaction has locked, and wait for nobody', async () => {
      await create('gate', images('host', 3));
      const claimed = await db.transaction(async (query) => {
        await query('SELECT FROM queue WHERE idx = 0 FOR UPDATE');
        return claim(3);
      });
      expect(claimed.map(({ idx }) => idx)).toEqual([1, 2]);
    });

    it('walk past those that have ended once, not each time', async () => {
      // Otherwise the server may clear them away meanwhile.
      await db.query('ALTER TABLE queue SET (autovacuum_enabled = off)');
      await create('gate', images('host', 4000));
      for (let left = 4000; left > 0; left -= 500) {
        const ended = (await claim(500)).map(({ job, idx }) => ({
          ...{ job, idx, durationMs: 0, counted: true, ...NOTHING, error: null },
          link: `https://i.imgur.com/${job}x${idx}.jpg`,
        }));
        await settleImages(db, SILENT, ended, []);
      }
      await create('gate', images('host', 32));
      await claim(16);
      const pages = async (): Promise<number> => {
        const plan = await db.query<Explained>(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${CLAIM}`, [
          ...[SILENT, 1, 1000],
          ...[[], 0],
        ]);
        return plan[0]!['QUERY PLAN'][0]!.Plan['Shared Hit Blocks']!;
      };
      await pages();
      expect(await pages()).toBeLessThan(60);
    });

    it('take the images behind those of a host that is full', async () => {
      await create('gate', [...images('full', 3000), ...images('free', 5)]);
      const take = () =>
        claimImages(db, { ...REQUEST, worker: TAKER, most: 32, perHost: 8, shut: [] });
      expect(new Set((await take()).map(({ url }) => new URL(url).host))).toEqual(
        new Set(['full']),
      );
      const second = await take();
      expect(second.map(({ url }) => new URL(url).host)).toEqual(Array(5).fill('free'));
    });

    it.each([
      ['of one credential', 1, 0],
      ['of one credential, behind a host that is full', 1, 20],
      ['of a thousand credentials', 1000, 0],
      ['of a thousand credentials, each behind a host that is full', 1000, 20],
    ])('look at few images of 40,000, %s', async (_title, credentials, inFront) => {
      await fill(credentials, inFront);
      const plan = await db.query<Explained>(`EXPLAIN (ANALYZE, FORMAT JSON) ${CLAIM}`, [
        ...[SILENT, 32, 8],
        ...[[], 0],
      ]);
      const lookedAt = rowsOfQueue(plan[0]!['QUERY PLAN'][0]!.Plan);
      expect(lookedAt).toBeGreaterThan(32);
      // The candidates and those that are taken; and then so many that are passed over.
      expect(lookedAt).toBeLessThan(inFront === 0 ? 500 : 4000);
    });
  });

  it('forget credentials that wait for nothing, but not their pauses', async () => {
    await create('idle', images('a', 1));
    await create('busy', images('b', 1));
    await db.query("INSERT INTO gates (gate, round, paused_until) VALUES ('paused', 1, now())");
    for (const { job, idx, gate } of await claim(2)) {
      const ended = { ...{ job, idx, durationMs: 1, counted: true, bytes: 1 }, error: null };
      const types = { mime: 'image/png', sourceMime: 'image/png' };
      const result = { ...ended, ...types, link: 'http://i/1', deletehash: null };
      if (gate === 'idle') await settleImages(db, SILENT, [result], []);
    }
    const gates = async () =>
      (await db.query<{ gate: string }>('SELECT gate FROM gates ORDER BY gate')).map((r) => r.gate);
    const bounds = { maxFinishedImages: 10, maxLinks: 10 };
    await sweep(db, bounds);
    expect(await gates()).toEqual(['busy', 'idle', 'paused']);
    await db.query("UPDATE gates SET changed = now() - interval '2 minutes'");
    await sweep(db, bounds);
    expect(await gates()).toEqual(['busy', 'paused']);
  });

  describe('when workers fall silent', () => {
    const wake = () => db.query('UPDATE queue SET due = now() WHERE state = 1');

    it('have an image go on at once, later apart from its neighbours, and fail in the end', async () => {
      const jobId = await create('gate', images('host', 2));
      const outcomes: unknown[] = [];
      for (let n = 0; n < MOST_TAKEOVERS; n += 1) {
        await wake();
        expect(await claim(9)).toHaveLength(2);
        const { waiting, givenUp } = await takeOver(db, TAKER);
        const due = await db.query<{ state: number }>('SELECT state FROM queue');
        outcomes.push([waiting, givenUp.length, ...due.map(({ state }) => state)]);
        if (n < MOST_TAKEOVERS - 1) continue;
        expect(givenUp.map(({ image }) => [image.url, image.error?.code])).toEqual([
          ['http://host/1', 'internal'],
          ['http://host/0', 'internal'],
        ]);
        expect(givenUp.map(({ finished }) => finished?.counts.failed)).toEqual([2, undefined]);
      }
      expect(outcomes).toEqual([
        [2, 0, 0, 0],
        [2, 0, 1, 1],
        [0, 2],
      ]);
      const job = await readJob(db, jobId);
      expect([job?.status, job?.counts.failed, job?.images[0]?.error?.retryable]).toEqual([
        ...['complete', 2],
        false,
      ]);
    });

    it('count anew once a worker has tried the image and lived', async () => {
      await create('gate', images('host', 1));
      for (let n = 1; n < MOST_TAKEOVERS; n += 1) {
        await wake();
        await claim(1);
        await takeOver(db, TAKER);
      }
      await wake();
      const [{ job, idx, claims }] = (await claim(1)) as [ClaimedImage];
      const tried = { job, idx, claims, durationMs: 1, counted: true, afterMs: null };
      await settleImages(db, SILENT, [], [tried]);
      await claim(1);
      expect(await takeOver(db, TAKER)).toEqual({ waiting: 1, givenUp: [] });
    });

    it('leave the images of those that are heard', async () => {
      await create('gate', images('host', 1));
      await claim(1);
      await db.query('UPDATE workers SET seen = clock_timestamp() WHERE id = $1', [SILENT]);
      expect(await takeOver(db, TAKER)).toEqual({ waiting: 0, givenUp: [] });
      await db.query("UPDATE workers SET seen = seen - interval '4 seconds'");
      expect(await takeOver(db, TAKER)).toEqual({ waiting: 0, givenUp: [] });
      await db.query("UPDATE workers SET seen = seen - interval '2 seconds'");
      expect(await takeOver(db, TAKER)).toEqual({ waiting: 1, givenUp: [] });
    });
  });

  it('come from those of each version before, by five processes at once, with what they hold', async () => {
    for (let version = 0; version < MIGRATIONS.length; version += 1) {
      const url = await cluster.newDatabase();
      const before = open(url, 1);
      await migrate(before, MIGRATIONS.slice(0, version));
      if (version > 0) {
        const urls = images('host', 2);
        await createJob(before, { urls, clientId: null }, 'default', 10);
      }
      await Promise.all(Array.from({ length: 5 }, () => migrate(open(url, 1))));
      const found = await before.query('SELECT version FROM migrations ORDER BY version');
      expect(found).toHaveLength(MIGRATIONS.length);
      await enlistWorkers(before.query, [SILENT]);
      db = before;
      expect(await claim(9)).toHaveLength(version > 0 ? 2 : 0);
      expect(await readJobs(before, 9)).toHaveLength(version > 0 ? 1 : 0);
    }
  });
});
