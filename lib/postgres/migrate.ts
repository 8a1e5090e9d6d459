import type { Database } from './database';
import { LOCKS } from './locks';
import { MIGRATIONS } from './migrations';

/**
 * Brings the tables to the version of this program, and leaves those of a later one as they are. Any
 * number of processes may do it at once: one after the other.
 */
export async function migrate(database: Database, migrations = MIGRATIONS): Promise<void> {
  await database.transaction(
    async (query) => {
      await query('SELECT pg_advisory_xact_lock($1)', [LOCKS.migrate]);
      await query(`
      CREATE TABLE IF NOT EXISTS migrations (
        version integer PRIMARY KEY,
        applied timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
      const [newest] = await query<{ version: number }>(
        'SELECT coalesce(max(version), 0) AS version FROM migrations',
      );
      for (const [index, sql] of migrations.entries()) {
        const version = index + 1;
        if (version <= (newest?.version ?? 0)) continue;
        await query(sql);
        await query('INSERT INTO migrations (version) VALUES ($1)', [version]);
      }
    },
    { timeoutMs: MIGRATION_MS },
  );
}

/** Whoever comes later waits for the others. */
const MIGRATION_MS = 60_000;
