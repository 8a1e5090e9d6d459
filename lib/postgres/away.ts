import { StoreUnavailable } from '../jobs/store-unavailable';

/**
 * Classes of SQLSTATE that say nothing about the statement
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html): connection exception, insufficient
 * resources, operator intervention, system error; a read-only standby (25006), and a transaction that
 * lost against another one (40).
 */
const PASSING = /^(08|53|57|58|40)|^25006$/;

/** Whether the database, or the way to it, is to blame, so that the same can be tried again. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  // What the client itself finds has no SQLSTATE: a time-out, a connection that ended.
  if (code === null) return error.name === 'StoreUnavailable' || CLIENT_WORDS.test(error.message);
  return /^E[A-Z]+$/.test(code) || PASSING.test(code);
}

const CLIENT_WORDS = /connection|timeout|timed out|not queryable/i;

/** What is told to whoever asked; the error itself if it is a defect. */
export function asUnavailable(error: unknown): unknown {
  if (!isAway(error) || (error instanceof Error && error.name === 'StoreUnavailable')) return error;
  return new StoreUnavailable({ cause: error });
}
