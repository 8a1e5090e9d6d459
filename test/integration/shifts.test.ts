import { randomUUID } from 'node:crypto';
import { openDatabase, type Database } from '../../lib/postgres/database';
import { migratedFirst } from '../../lib/postgres/migrated-first';
import { createPgShifts } from '../../lib/postgres/pg-shifts';
import { createJob } from '../../lib/postgres/create-job';
import { awaitUntil } from '../support/await-until';
import { logLines } from '../support/log-lines';
import { describeWithPostgres, testDatabase } from '../support/postgres';

jest.setTimeout(60_000);

const MOST = 3;

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
    expect(await (await shifts.begin())!.expectsMore()).toBe(true);
    await database.query('DELETE FROM jobs');
    await database.query('DELETE FROM queue');
    await database.query('DELETE FROM workers');
  });

  it('wait for the images of a run that died, and take them over', async () => {
    const database = connect();
    await submit(database, 2);
    await database.query('UPDATE gates SET paused_until = NULL');
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
  });
});
