import type { Agent } from 'node:http';
import fetch, { type RequestInit } from 'node-fetch';
import { addFacts } from '../cause';
import { RelayError } from '../errors';
import { parseImgurReply } from './parse-reply';
import { readReply } from './read-reply';
import { refusalError } from './outcome';
import { field, firstJson } from './read-reply';

export interface TokenRequest {
  apiUrl: string;
  agent: Agent;
  userAgent: string;
  /** In milliseconds, from the first byte sent to the last one read. */
  timeoutMs: number;
  clientId: string;
  clientSecret: string;
  refreshToken: string;
}

export interface TokenPair {
  accessToken: string;
  /** Null if Imgur sent none: then the old one stays in force. */
  refreshToken: string | null;
}

/** What may stand in a header, and is no longer than a token could be. */
const TOKEN = /^[\x21-\x7e]{1,1024}$/;

/**
 * Asks Imgur for an access token (https://apidocs.imgur.com, "Refresh tokens"). The answer stands
 * outside the `data` envelope: `{"access_token", "refresh_token", "expires_in", …}`.
 *
 * @throws {RelayError} `imgur_auth` for a refused refresh token, `imgur_forbidden`, or what
 *   passes: `imgur_unavailable`, `imgur_timeout`, `imgur_bad_response`.
 */
export async function fetchToken(request: TokenRequest): Promise<TokenPair> {
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

async function post(request: TokenRequest) {
  const { apiUrl, agent, timeoutMs, clientId, clientSecret, refreshToken } = request;
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(`${apiUrl}/oauth2/token`, {
      method: 'POST',
      headers: { Accept: 'application/json', 'User-Agent': request.userAgent },
      body: new URLSearchParams({
        refresh_token: refreshToken,
        client_id: clientId,
        client_secret: clientSecret,
        grant_type: 'refresh_token',
      }),
      agent,
      redirect: 'manual',
      compress: false,
      signal: signal as NonNullable<RequestInit['signal']>,
    });
    const { text } = await readReply(response.body);
    signal.throwIfAborted();
    return { status: response.status, headers: Object.fromEntries(response.headers), text };
  } catch (cause) {
    if (signal.aborted) {
      const message = `Imgur took more than ${timeoutMs / 1000} s to refresh the access token.`;
      throw new RelayError('imgur_timeout', message, { cause });
    }
    const message = 'The connection to Imgur failed during a token refresh.';
    throw new RelayError('imgur_unavailable', message, { cause });
  }
}

function token(value: unknown): string | null {
  return typeof value === 'string' && TOKEN.test(value) ? value : null;
}
