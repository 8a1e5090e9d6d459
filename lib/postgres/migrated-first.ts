import type { Database } from './database';
import { migrate } from './migrate';

/**
 * A database whose tables are made before the first statement. Until that has succeeded, each
 * statement tries it again: whoever starts while the database is away is of use once it is back.
 */
export function migratedFirst(database: Database): Database {
  let migrated: Promise<void> | null = null;
  const first = (): Promise<void> =>
    (migrated ??= migrate(database).catch((error: unknown) => {
      migrated = null;
      throw error;
    }));
  return {
    async query(sql, values) {
      await first();
      return database.query(sql, values);
    },
    async transaction(run, timeoutMs) {
      await first();
      return database.transaction(run, timeoutMs);
    },
    close: () => database.close(),
  };
}
