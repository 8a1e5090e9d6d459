import type { Database } from './database';
import { migrate } from './migrate';
import { MIGRATIONS } from './migrations';

const VERSION = 'SELECT max(version) AS version FROM migrations';
/** SQLSTATE of a table that is not there. */
const UNDEFINED_TABLE = '42P01';

/**
 * A database whose tables are made before the first statement. Until that has succeeded, each
 * statement tries it again: whoever starts while the database is away is of use once it is back.
 */
export function migratedFirst(database: Database): Database {
  let migrated: Promise<void> | null = null;
  const first = (): Promise<void> =>
    (migrated ??= migrateIfOld(database).catch((error: unknown) => {
      migrated = null;
      throw error;
    }));
  return {
    async query(sql, values) {
      await first();
      return database.query(sql, values);
    },
    async transaction(run, options) {
      await first();
      return database.transaction(run, options);
    },
    async transact(...statement) {
      await first();
      return database.transact(...statement);
    },
    close: () => database.close(),
  };
}

/** Many may start at once, and hardly ever is there something to do: that is seen without the lock. */
async function migrateIfOld(database: Database): Promise<void> {
  try {
    const [newest] = await database.query<{ version: number | null }>(VERSION);
    if ((newest?.version ?? 0) >= MIGRATIONS.length) return;
  } catch (error) {
    if ((error as { code?: unknown }).code !== UNDEFINED_TABLE) throw error;
  }
  await migrate(database);
}
