import { randomUUID } from 'node:crypto';
import { openDatabase, type Database } from '../../lib/postgres/database';
import { migratedFirst } from '../../lib/postgres/migrated-first';
import { createPgShifts } from '../../lib/postgres/pg-shifts';
import { LOCKS } from '../../lib/postgres/locks';
import { createJob } from '../../lib/postgres/create-job';
import { awaitUntil } from '../support/await-until';
import { enlistWorkers } from '../support/enlist-workers';
import { logLines } from '../support/log-lines';
import { describeWithPostgres, testDatabase } from '../support/postgres';

jest.setTimeout(60_000);

const MOST = 3;
const LOCKED = `
  SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = $1::bigint::oid AND granted = $2`;

describeWithPostgres('shifts on one database', () => {
  let given: Awaited<ReturnType<typeof testDatabase>>;
  const opened: Database[] = [];

  beforeAll(async () => void (given = await testDatabase()));
  afterAll(async () => {
    await Promise.all(opened.map((each) => each.close()));
    await given.close();
  });

  /** As each instance of a function has: one connection. */
  const connect = (): Database => {
    const database = migratedFirst(openDatabase(given.url, 'test', 1));
    opened.push(database);
    return database;
  };
  const shiftsOf = (database: Database) =>
    createPgShifts({
      ...{ database, maxWorkers: MOST, concurrency: 4, concurrencyPerSource: 8 },
      log: logLines().log,
      onGivenUp: () => undefined,
      onBeat: () => Promise.resolve(),
    });
  const submit = (database: Database, count: number) =>
    createJob(
      database,
      { urls: Array.from({ length: count }, (_, n) => `http://a/${n}`), clientId: null },
      'default',
      1000,
    );

  const clear = async (database: Database): Promise<void> => {
    await database.query('TRUNCATE jobs, images, queue, gates, workers');
  };

  it('are no more than may be, also where many begin at once, and make room when they end', async () => {
    const shifts = Array.from({ length: 8 }, () => shiftsOf(connect()));
    const begun = await Promise.all(shifts.map((each) => each.begin()));
    const places = begun.flatMap((each) => each ?? []);
    expect(places).toHaveLength(MOST);
    await places[0]!.end();
    const next = await shifts[0]!.begin();
    expect(next).not.toBeNull();
    await Promise.all([next, ...places.slice(1)].map((each) => each!.end()));
  });

  it('wait for one that is just beginning before they count', async () => {
    const [database, other] = [connect(), connect()];
    let commit = (): void => undefined;
    const held = new Promise<void>((resolve) => (commit = resolve));
    const filling = other.transaction(async (query) => {
      await query('SELECT pg_advisory_xact_lock($1)', [LOCKS.shift]);
      const others = Array.from({ length: MOST }, () => randomUUID());
      await enlistWorkers(query, others, 'now');
      await held;
    });
    const looking = connect();
    const locks = (granted: boolean) => looking.query(LOCKED, [LOCKS.shift, granted]);
    await awaitUntil('it to begin', async () => (await locks(true)).length > 0);
    const begun = shiftsOf(database).begin();
    const waits = awaitUntil('the other to wait', async () => (await locks(false)).length > 0);
    await Promise.race([begun, waits]);
    commit();
    await filling;
    expect(await begun).toBeNull();
    await clear(database);
  });

  it('know whether another run has something to begin', async () => {
    const database = connect();
    const shifts = shiftsOf(database);
    expect(await (await shifts.begin())!.end()).toBe(false);
    await submit(database, 1);
    const one = (await shifts.begin())!;
    expect(await one.expectsMore()).toBe(false);
    expect(await one.end()).toBe(true);
    await database.query("UPDATE gates SET paused_until = clock_timestamp() + interval '1 hour'");
    expect(await (await shifts.begin())!.end()).toBe(false);
    await database.query("UPDATE gates SET paused_until = clock_timestamp() + interval '1 second'");
    const last = (await shifts.begin())!;
    expect([await last.expectsMore(), await last.end()]).toEqual([true, true]);
    await clear(database);
  });

  it('wait for the images of a run that died, and take them over', async () => {
    const database = connect();
    await submit(database, 2);
    await database.query('UPDATE queue SET state = 2, worker = $1', [randomUUID()]);
    const shift = (await shiftsOf(database).begin())!;
    const claims: string[] = [];
    shift.queue.onReady(() => {
      const claim = shift.queue.next(() => true, false);
      if (claim && claim !== 'later') claims.push(claim.url);
    });
    expect(shift.queue.next(() => true, false)).toBeUndefined();
    await awaitUntil('nothing to be found', () => shift.isIdle);
    expect(await shift.expectsMore()).toBe(true);
    await awaitUntil('them to be taken over', () => claims.length > 0);
    expect(shift.isIdle).toBe(false);
    await shift.queue.close();
    await shift.end();
    await clear(database);
  });

  it('give back what was being claimed when they ended', async () => {
    const database = connect();
    await submit(database, 4);
    const shift = (await shiftsOf(database).begin())!;
    shift.queue.next(() => true, false);
    await shift.queue.close();
    expect(await database.query('SELECT FROM queue WHERE state = 2')).toEqual([]);
    expect(await shift.end()).toBe(true);
    await clear(database);
  });

  it('rely on no connection that lay idle while the process stood still', async () => {
    const database = connect();
    const backend = async () =>
      (await database.query<{ pid: number }>('SELECT pg_backend_pid() AS pid'))[0]?.pid;
    const first = await backend();
    expect(await backend()).toBe(first);
    const later = Date.now() + 40_000;
    const clock = jest.spyOn(Date, 'now').mockReturnValue(later);
    try {
      expect(await backend()).not.toBe(first);
    } finally {
      clock.mockRestore();
    }
  });
});
