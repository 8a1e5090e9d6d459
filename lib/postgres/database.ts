import pg from 'pg';
import { StoreUnavailable } from '../jobs/store-unavailable';
import { asUnavailable, isAway } from './away';

export type Row = object;
export type Query = <R extends Row = Row>(sql: string, values?: readonly unknown[]) => Promise<R[]>;

export interface Database {
  /** One statement on its own. @throws {StoreUnavailable} */
  readonly query: Query;
  /**
   * Statements that hold together or not at all.
   *
   * @param options.timeoutMs for the whole; `ANSWER_MS` if it is not said.
   * @throws {StoreUnavailable}
   */
  transaction<T>(run: (query: Query) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * A transaction of one statement, sent whole: while it holds what `first` locks, it waits for nothing
   * from here. So it may be done long after it was given up, and has to see to that itself.
   *
   * @param first statements without values that go before it.
   * @throws {StoreUnavailable}
   */
  readonly transact: <R extends Row = Row>(
    first: string,
    sql: string,
    values: readonly unknown[],
  ) => Promise<R[]>;
  close(): Promise<void>;
}

interface TransactionOptions {
  readonly timeoutMs?: number;
}

/** Whoever waits for an answer is to have one within 3 seconds. */
export const ANSWER_MS = 2500;
const CONNECT_MS = 2000;

/**
 * - To compile a claim takes 95 ms, to run it 1: it is many small steps, with a high estimate.
 * - A bitmap scan walks past all rows of the queue that were under way once, until they are cleared
 *   away each minute or so: 30,000 of them cost a claim 2 ms. Any other scan marks them as it passes.
 * - To plan a claim takes 1 ms as well, and each statement finds its rows by their keys, whatever the
 *   values: so its plan is kept (see {@link PLAN_MS}).
 */
const PLANNING = '-c jit=off -c enable_bitmapscan=off -c plan_cache_mode=force_generic_plan';

/** Settings of a connection: what hangs ends by itself, at the server as well. */
export function connectionOptions(url: string, name: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: name,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    options: PLANNING,
    idle_in_transaction_session_timeout: 10_000,
  };
}

/** @param most connections that may be open at once. */
export function openDatabase(url: string, name: string, most: number): Database {
  const pool = new pg.Pool({
    ...connectionOptions(url, name),
    max: most,
    // What is asked before the answer to something else goes along with it.
    pipeline: true,
    idleTimeoutMillis: IDLE_MS,
  });
  // A connection that ends while nobody uses it is replaced when one is needed.
  pool.on('error', () => undefined);

  /** Lends a connection, and takes it back only if it is whole. */
  const lend = <T>(timeoutMs: number, run: (query: Query) => Promise<T>): Promise<T> =>
    within(timeoutMs, async (limit) => {
      const client = await fresh(pool);
      let broken: Error | undefined;
      const fail = (error: Error): void => void (broken ??= error);
      client.on('error', fail);
      // A frozen database answers nothing: the connection is given up, whatever it is amid.
      limit.onPassed((error) => {
        fail(error);
        client.connection.stream.destroy(error);
      });
      try {
        await replan(client);
        return await run((sql, values) => ask(client, sql, values));
      } catch (error) {
        if (isAway(error)) fail(error as Error);
        throw error;
      } finally {
        limit.onPassed(null);
        client.off('error', fail);
        usedAt.set(client, Date.now());
        client.release(broken);
      }
    });

  return {
    query: (sql, values) => lend(ANSWER_MS, (query) => query(sql, values)),
    transaction: (run, { timeoutMs = ANSWER_MS } = {}) =>
      lend(timeoutMs, async (query) => {
        try {
          await query('BEGIN');
          const result = await run(query);
          await query('COMMIT');
          return result;
        } catch (error) {
          if (!isAway(error)) await query('ROLLBACK');
          throw error;
        }
      }),
    transact: <R extends Row>(first: string, sql: string, values: readonly unknown[]) =>
      lend(ANSWER_MS, async (query) => {
        // Once one of the two fails the rest does, and the end undoes all. `BEGIN` goes alone: of
        // statements that go together none is done if one cannot be read, and `sql` would be by itself.
        const sent = [
          query('BEGIN'),
          query(first),
          query<R>(sql, values),
          query('COMMIT'),
        ] as const;
        await Promise.allSettled(sent);
        const [, , rows] = await Promise.all(sent);
        return rows;
      }),
    close: () => pool.end(),
  };
}

/**
 * A connection that lay idle for longer is not relied on: on Lambda a process stands still between two
 * calls, with its timers, and nobody tells it what became of its connections.
 */
const IDLE_MS = 30_000;
const usedAt = new WeakMap<pg.PoolClient, number>();

async function fresh(pool: pg.Pool): Promise<pg.PoolClient> {
  for (;;) {
    const client = await pool.connect();
    if (Date.now() - (usedAt.get(client) ?? Date.now()) <= IDLE_MS) return client;
    client.release(true);
  }
}

/**
 * A plan that is kept is one for the tables as they were, and they may have been empty: a claim among
 * 100,000 images takes 130 ms by it, instead of 4. So none is kept for long.
 */
const PLAN_MS = 1000;
const plannedAt = new WeakMap<pg.PoolClient, number>();

async function replan(client: pg.PoolClient): Promise<void> {
  const now = performance.now();
  const last = plannedAt.get(client);
  if (last !== undefined && now - last < PLAN_MS) return;
  plannedAt.set(client, now);
  if (last !== undefined) await client.query('DISCARD PLANS');
}

/** Statements with values are constants of this program, so each is parsed once a connection. */
const names = new Map<string, string>();

async function ask<R extends Row>(
  client: pg.ClientBase,
  sql: string,
  values?: readonly unknown[],
): Promise<R[]> {
  if (!values) return (await client.query<R & pg.QueryResultRow>(sql)).rows;
  const name = names.get(sql) ?? `s${names.size}`;
  names.set(sql, name);
  const { rows } = await client.query<R & pg.QueryResultRow>({
    name,
    text: sql,
    values: [...values],
  });
  return rows;
}

interface Limit {
  /** What to do once the time has passed. */
  onPassed(act: ((error: Error) => void) | null): void;
}

/** Answers in time, whatever the connection does; what was begun may have been done all the same. */
async function within<T>(ms: number, run: (limit: Limit) => Promise<T>): Promise<T> {
  let act: ((error: Error) => void) | null = null;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new StoreUnavailable({ cause: new Error(`no answer within ${ms} ms`) });
      act?.(error);
      reject(error);
    }, ms);
  });
  try {
    return await Promise.race([run({ onPassed: (next) => void (act = next) }), late]);
  } catch (error) {
    throw asUnavailable(error);
  } finally {
    clearTimeout(timer);
  }
}
