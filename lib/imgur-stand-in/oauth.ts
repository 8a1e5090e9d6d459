import { randomBytes } from 'node:crypto';
import { readForm } from './form';
import { type FaultScript, playAfterBody, scripted } from './play';
import { type Exchange, jsonReply, LEGACY, type Profile, type Reply } from './replies';

/** Who asks: a client on its own, or the one account, for which an access token stands. */
export type Caller = 'client' | 'account';

/** Who is let in. */
export interface Credentials {
  /** Judges what every call of the API has in common, by its headers alone. */
  admit(exchange: Exchange, profile: Profile): Caller | Reply;
  isKnownClient(clientId: string): boolean;
  /**
   * Trades a refresh token for a new pair. As at Imgur, that is the end of the refresh token given
   * and of every access token issued before.
   *
   * @returns null if the refresh token is none, or was traded before.
   */
  refresh(refreshToken: string): { access_token: string; refresh_token: string } | null;
}

const AUTHORIZATION = /^(Client-ID|Bearer) (\S+)$/;

/** 40 hexadecimal digits, as Imgur's tokens are. */
function newToken(): string {
  return randomBytes(20).toString('hex');
}

/** @param initial.clientIds the only client IDs that are let in; null: any. */
export function createCredentials(initial: {
  clientIds: readonly string[] | null;
  accessTokens: readonly string[];
  refreshTokens: readonly string[];
}): Credentials {
  const { clientIds } = initial;
  const accessTokens = new Set(initial.accessTokens);
  const refreshTokens = new Set(initial.refreshTokens);

  function isKnownClient(clientId: string): boolean {
    return clientId !== '' && (clientIds === null || clientIds.includes(clientId));
  }

  return {
    isKnownClient,
    admit(exchange, profile) {
      const refuse = (status: number, error: string): Reply =>
        profile.error(status, error, exchange);
      const { origin, referer, authorization } = exchange.req.headers;
      // Imgur blocks pages of a local host, which it knows by these two. A server sends neither.
      if (origin !== undefined || referer !== undefined) {
        return refuse(403, 'Requests with an Origin or a Referer are refused');
      }
      if (authorization === undefined) return refuse(401, 'Authentication required');
      const [, scheme, credential = ''] = AUTHORIZATION.exec(authorization) ?? [];
      if (scheme === undefined) return refuse(403, 'Malformed auth header');
      if (scheme === 'Bearer') {
        if (accessTokens.has(credential)) return 'account';
        return refuse(403, 'The access token provided is invalid.');
      }
      return isKnownClient(credential) ? 'client' : refuse(403, 'Invalid client_id');
    },
    refresh(refreshToken) {
      if (!refreshTokens.delete(refreshToken)) return null;
      accessTokens.clear();
      const pair = { access_token: newToken(), refresh_token: newToken() };
      accessTokens.add(pair.access_token);
      refreshTokens.add(pair.refresh_token);
      return pair;
    },
  };
}

/** Seconds. Nothing here expires by the clock: a token ends when the next one is issued. */
const EXPIRES_IN = 3600;

/** Builds the handler of `POST /oauth2/token` (apidocs.imgur.com, "Refresh tokens"). */
export function createTokenHandler(credentials: Credentials, script: FaultScript) {
  function answer(fields: Record<string, string>, exchange: Exchange): Reply {
    const refuse = (status: number, error: string): Reply => LEGACY.error(status, error, exchange);
    if (fields['grant_type'] !== 'refresh_token') {
      return refuse(400, 'Invalid grant_type parameter or parameter missing');
    }
    if (!credentials.isKnownClient(fields['client_id'] ?? '')) {
      return refuse(403, 'Invalid client_id');
    }
    if (!fields['client_secret']) return refuse(400, 'The client credentials are invalid');
    const pair = credentials.refresh(fields['refresh_token'] ?? '');
    if (!pair) return refuse(400, 'Invalid refresh token');
    const document = {
      ...pair,
      expires_in: EXPIRES_IN,
      token_type: 'bearer',
      account_id: 1,
      account_username: 'standin',
      scope: null,
    };
    // The one answer of Imgur's that stands outside the `data` envelope.
    return jsonReply(200, JSON.stringify(document));
  }

  return scripted(script, async (exchange, fault, gone) => {
    const form = await readForm(exchange.req, { maxFileBytes: 0, gone, fault });
    if (form.kind === 'aborted') return null;
    if (form.kind === 'malformed') return LEGACY.error(400, form.message, exchange);
    // With a literal reply in its place, the exchange must not use the refresh token up.
    playAfterBody(fault, exchange, fault?.kind === 'reply' ? fault : answer(form.fields, exchange));
    return null;
  });
}
