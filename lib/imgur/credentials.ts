import { createHash } from 'node:crypto';
import { addFacts } from '../cause';
import { isRelayError, RelayError } from '../errors';
import type { Logger } from '../logger';
import { askImgur, type ImgurAddress } from './ask-imgur';
import { refusalError } from './outcome';
import { parseImgurReply } from './parse-reply';
import { DEFAULT_KEY } from './rate-gate';
import { field, firstJson } from './read-reply';

export interface CredentialParts extends ImgurAddress {
  clientId: string | null;
  accessToken: string | null;
  clientSecret: string | null;
  /** Only of use together with the client ID and its secret. */
  refreshToken: string | null;
  log: Logger;
  /** Milliseconds of a clock that is never set. */
  now?: () => number;
  /** Refreshes for all who share the credential; by default, this process has it alone. */
  renew?: RenewTokens;
}

/**
 * Gives another pair of tokens.
 *
 * @param refused the access token that Imgur does not take any more, if there was one.
 * @param refreshToken the one to use, unless a later one is known.
 * @param fetch asks Imgur for a pair.
 */
export type RenewTokens = (
  refused: string | null,
  refreshToken: string,
  fetch: (refreshToken: string) => Promise<TokenPair>,
) => Promise<TokenPair>;

const RENEW_ALONE: RenewTokens = (_refused, refreshToken, fetch) => fetch(refreshToken);

export interface Credentials {
  /**
   * The value of the Authorization header, or '' if there is no credential at all. With a refresh
   * token but no access token, one is fetched first.
   *
   * @throws {RelayError} `imgur_auth` if Imgur refuses the refresh token; `imgur_unavailable`,
   *   `imgur_timeout` or `imgur_bad_response` if the refresh failed for passing reasons.
   */
  authorization(jobClientId: string | null): Promise<string>;
  /** Whether Imgur can be asked for another token once it refuses this one. */
  isRenewable(authorization: string): boolean;
  /**
   * After Imgur refused a token that is renewable: resolves once another one is in force. However
   * many uploads were refused with it, it is refreshed once.
   *
   * @throws {RelayError} as `authorization`.
   */
  refresh(refusedAuthorization: string): Promise<void>;
  /** Names the credential of a job without showing it. */
  key(jobClientId: string | null): string;
}

/** A request for a token: whatever it takes of the configured credential is there. */
type TokenRequest = Omit<CredentialParts, 'clientId' | 'clientSecret' | 'refreshToken'> &
  Record<'clientId' | 'clientSecret' | 'refreshToken', string>;

export interface TokenPair {
  accessToken: string;
  /** Null if Imgur sent none: then the old one stays in force. */
  refreshToken: string | null;
}

/** How long a refusal of the refresh token is believed before Imgur is asked once more. */
const REFUSED_FOR_MS = 60_000;
/** What may stand in a header, and is no longer than a token could be. */
const TOKEN = /^[\x21-\x7e]{1,1024}$/;

/**
 * The credentials of all uploads: the client ID of a job goes before the account's token, and that
 * before the configured client ID.
 *
 * Tokens are refreshed when Imgur refuses them, not by the clock, as `expires_in` is not to be
 * trusted (https://apidocs.imgur.com, "Refresh tokens", and what clients report). A refresh
 * invalidates older tokens and may replace the refresh token, which is kept in memory. Once Imgur
 * has refused the refresh token, the access token is not used any more: it was refused before that.
 */
export function createCredentials(parts: CredentialParts): Credentials {
  const { clientId, clientSecret, log, now = () => performance.now(), renew = RENEW_ALONE } = parts;
  let { accessToken, refreshToken } = parts;
  let refreshing: Promise<void> | null = null;
  /** The last refusal of the refresh token, and when that was. */
  let refused: RelayError | null = null;
  let refusedAt = 0;

  return {
    async authorization(jobClientId) {
      if (jobClientId !== null) return `Client-ID ${jobClientId}`;
      // During a refresh the token in hand is known to be refused.
      if (refreshing) await refreshing;
      else if (accessToken === null && refreshToken !== null) await refreshOnce();
      if (accessToken !== null) return `Bearer ${accessToken}`;
      return clientId === null ? '' : `Client-ID ${clientId}`;
    },

    isRenewable(authorization) {
      const mayRefresh = clientId !== null && clientSecret !== null && refreshToken !== null;
      return mayRefresh && authorization.startsWith('Bearer ');
    },

    async refresh(refusedAuthorization) {
      const isReplaced = accessToken !== null && refusedAuthorization !== `Bearer ${accessToken}`;
      if (!isReplaced) await refreshOnce();
    },

    key(jobClientId) {
      const isConfigured = jobClientId === clientId && parts.accessToken === null && !refreshToken;
      if (jobClientId === null || isConfigured) return DEFAULT_KEY;
      return `client-${createHash('sha256').update(jobClientId).digest('hex').slice(0, 12)}`;
    },
  };

  function refreshOnce(): Promise<void> {
    refreshing ??= getTokens().finally(() => {
      refreshing = null;
    });
    return refreshing;
  }

  async function getTokens(): Promise<void> {
    if (refused && now() - refusedAt < REFUSED_FOR_MS) throw refused;
    if (clientId === null || clientSecret === null || refreshToken === null) {
      throw new RelayError('imgur_auth', 'The access token cannot be refreshed without a secret.');
    }
    let pair: TokenPair;
    try {
      pair = await renew(accessToken, refreshToken, (token) =>
        fetchToken({ ...parts, clientId, clientSecret, refreshToken: token }),
      );
    } catch (error) {
      if (isRelayError(error) && error.code === 'imgur_auth' && !error.retryable) {
        refused = error;
        refusedAt = now();
        accessToken = null;
        log.error('Imgur refused the refresh token: IMGUR_REFRESH_TOKEN needs a new one');
      }
      throw error;
    }
    refused = null;
    accessToken = pair.accessToken;
    refreshToken = pair.refreshToken ?? refreshToken;
    log.info('access token of the Imgur account refreshed');
  }
}

/**
 * Asks Imgur for an access token (https://apidocs.imgur.com, "Refresh tokens"). The answer stands
 * outside the `data` envelope: `{"access_token", "refresh_token", "expires_in", …}`.
 *
 * @throws {RelayError} `imgur_auth` for a refused refresh token, `imgur_forbidden`, or what
 *   passes: `imgur_unavailable`, `imgur_timeout`, `imgur_bad_response`.
 */
async function fetchToken(request: TokenRequest): Promise<TokenPair> {
  const { clientId, clientSecret, refreshToken } = request;
  const { status, headers, text } = await post(request);
  if (status === 200) {
    const document = firstJson(text);
    const accessToken = token(field(document, 'access_token'));
    if (accessToken !== null) {
      return { accessToken, refreshToken: token(field(document, 'refresh_token')) };
    }
  }
  const reply = parseImgurReply(status, headers, text);
  if (reply.kind === 'success' || reply.verdict === 'bad_response') {
    const message = 'Imgur answered a token refresh without a token.';
    // Not what it said: a token may be in it all the same.
    throw addFacts(new RelayError('imgur_bad_response', message), { status });
  }
  // A request without an image can only be rejected for its credentials.
  const verdict = reply.verdict === 'rejected' ? 'auth' : reply.verdict;
  throw refusalError({ ...reply, verdict }, [clientId, clientSecret, refreshToken]);
}

function post(request: TokenRequest) {
  const { clientId, clientSecret, refreshToken } = request;
  const body = new URLSearchParams({
    refresh_token: refreshToken,
    client_id: clientId,
    client_secret: clientSecret,
    grant_type: 'refresh_token',
  });
  const purpose = { late: ' to refresh the access token', lost: ' during a token refresh' };
  return askImgur(request, '/oauth2/token', { method: 'POST', body }, purpose);
}

function token(value: unknown): string | null {
  return typeof value === 'string' && TOKEN.test(value) ? value : null;
}
