import { createHash } from 'node:crypto';
import { RelayError } from '../errors';
import type { RenewTokens, TokenPair } from '../imgur/credentials';
import { isAway } from './away';
import type { Database } from './database';
import { LOCKS } from './locks';

/** Longer than a refresh may take. */
const LONGEST_MS = 120_000;

const KNOWN = 'SELECT access_token, refresh_token FROM tokens WHERE origin = $1';
const KEEP = `
  INSERT INTO tokens (origin, access_token, refresh_token) VALUES ($1, $2, $3)
  ON CONFLICT (origin) DO UPDATE SET
    access_token = excluded.access_token, refresh_token = excluded.refresh_token,
    changed = clock_timestamp()`;

/**
 * One refresh for all processes: whoever comes second finds what the first one got. Pairs are named by
 * the refresh token that was configured, so that a new one begins anew.
 */
export function renewShared(database: Database): RenewTokens {
  let origin: string | undefined;
  return async (refused, refreshToken, fetch) => {
    try {
      return await renew(database, originOf(refreshToken), refused, refreshToken, fetch);
    } catch (error) {
      if (!isAway(error)) throw error;
      throw new RelayError('imgur_unavailable', 'The access token cannot be refreshed for now.', {
        cause: error,
      });
    }
  };

  /** The first one that is asked with is the configured one. */
  function originOf(refreshToken: string): string {
    return (origin ??= createHash('sha256').update(refreshToken).digest('hex').slice(0, 16));
  }
}

function renew(
  database: Database,
  origin: string,
  refused: string | null,
  refreshToken: string,
  fetch: (refreshToken: string) => Promise<TokenPair>,
): Promise<TokenPair> {
  return database.transaction(
    async (query) => {
      // Imgur is waited for in it.
      await query('SET LOCAL idle_in_transaction_session_timeout = 0');
      await query('SELECT pg_advisory_xact_lock($1)', [LOCKS.token]);
      const [known] = await query<{ access_token: string; refresh_token: string }>(KNOWN, [origin]);
      if (known && known.access_token !== refused) {
        return { accessToken: known.access_token, refreshToken: known.refresh_token };
      }
      const latest = known?.refresh_token ?? refreshToken;
      const pair = await fetch(latest);
      await query(KEEP, [origin, pair.accessToken, pair.refreshToken ?? latest]);
      return pair;
    },
    { timeoutMs: LONGEST_MS },
  );
}
