import { hasPostgres, newName, run, startCluster } from './postgres-cluster';

export { startCluster, type Cluster } from './postgres-cluster';

/** For tests that need a PostgreSQL: skipped, and said so, where there is none. */
export const describeWithPostgres =
  !hasPostgres && process.env['TEST_DATABASE_URL'] === undefined ? skipAll() : describe;

function skipAll(): typeof describe.skip {
  process.stderr.write(
    'Skipped what needs PostgreSQL: neither its programs nor TEST_DATABASE_URL is here.\n',
  );
  return describe.skip;
}

/** A database that goes with the server that it is on, or is dropped from the one that was given. */
export async function testDatabase(): Promise<{ url: string; close(): Promise<void> }> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given === undefined) {
    const cluster = await startCluster();
    return { url: await cluster.newDatabase(), close: () => cluster.close() };
  }
  const name = newName();
  await run(given, `CREATE DATABASE ${name}`);
  const url = new URL(given);
  url.pathname = name;
  return { url: url.href, close: () => run(given, `DROP DATABASE ${name} WITH (FORCE)`) };
}
