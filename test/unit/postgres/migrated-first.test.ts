import type { Database } from '../../../lib/postgres/database';
import { migratedFirst } from '../../../lib/postgres/migrated-first';
import { MIGRATIONS } from '../../../lib/postgres/migrations';
import { StoreUnavailable } from '../../../lib/jobs/store-unavailable';

/** A database that says what it was asked, and is away for as long as it is told. */
function play() {
  const state = { isAway: false, asked: [] as string[] };
  const query = (sql: string): Promise<never[]> => {
    if (state.isAway) return Promise.reject(new StoreUnavailable());
    state.asked.push(sql);
    const rows = sql.includes('max(version)') ? [{ version: MIGRATIONS.length }] : [];
    return Promise.resolve(rows as never[]);
  };
  const database: Database = {
    query,
    transaction: (run) => run(query),
    transact: async (first, sql) => {
      await query(first);
      return query(sql);
    },
    close: () => Promise.resolve(),
  };
  return { state, database: migratedFirst(database) };
}

describe('a database whose tables are made first', () => {
  it('looks once whether there is something to make', async () => {
    const { state, database } = play();
    await Promise.all([database.query('SELECT 1'), database.transaction((ask) => ask('SELECT 2'))]);
    await database.query('SELECT 3');
    await database.transact('SELECT 4', 'SELECT 5', []);
    const [first, ...rest] = state.asked;
    expect(first).toContain('max(version)');
    const selected = [1, 2, 3, 4, 5].map((n) => `SELECT ${n}`);
    expect([...rest].sort()).toEqual(selected);
  });

  it('is of use once the database is back that was away at first', async () => {
    const { state, database } = play();
    state.isAway = true;
    await expect(database.query('SELECT 1')).rejects.toMatchObject({ name: 'StoreUnavailable' });
    await expect(database.transact('SELECT 1', 'SELECT 1', [])).rejects.toMatchObject({
      name: 'StoreUnavailable',
    });
    state.isAway = false;
    await database.query('SELECT 2');
    expect(state.asked.at(-1)).toBe('SELECT 2');
  });
});
