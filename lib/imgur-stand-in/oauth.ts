import { type Exchange, type Reply, send } from './exchange';
import type { FaultScript } from './fault-script';
import type { Gatekeeper } from './gatekeeper';
import { playAfterBody, playBeforeBody } from './play-fault';
import { LEGACY } from './profiles';
import { readForm } from './read-form';
import type { TokenOffice } from './token-office';

/** Seconds. Nothing here expires by the clock: a token ends when the next one is issued. */
const EXPIRES_IN = 3600;

/** Builds the handler of `POST /oauth2/token` (apidocs.imgur.com, "Refresh tokens"). */
export function createTokenHandler(parts: {
  tokens: TokenOffice;
  gatekeeper: Gatekeeper;
  script: FaultScript;
}) {
  const { tokens, gatekeeper, script } = parts;
  let count = 0;

  function answer(fields: Record<string, string>): Reply {
    const refuse = (status: number, error: string): Reply =>
      LEGACY.error(status, error, '/oauth2/token', 'POST');

    if (fields['grant_type'] !== 'refresh_token') {
      return refuse(400, 'Invalid grant_type parameter or parameter missing');
    }
    if (!gatekeeper.isKnownClient(fields['client_id'] ?? '')) {
      return refuse(403, 'Invalid client_id');
    }
    if (!fields['client_secret']) return refuse(400, 'The client credentials are invalid');
    const pair = tokens.refresh(fields['refresh_token'] ?? '');
    if (!pair) return refuse(400, 'Invalid refresh token');
    return {
      status: 200,
      headers: { 'Content-Type': 'application/json' },
      // The one answer of Imgur's that stands outside the `data` envelope.
      body: JSON.stringify({
        access_token: pair.accessToken,
        refresh_token: pair.refreshToken,
        expires_in: EXPIRES_IN,
        token_type: 'bearer',
        account_id: 1,
        account_username: 'embedded',
        scope: null,
      }),
    };
  }

  return async function handleToken(exchange: Exchange): Promise<void> {
    const { req, res, method, path } = exchange;
    count += 1;
    const fault = script({ method, path, headers: req.headers, count });
    if (fault && playBeforeBody(fault, exchange)) return;
    const gone = new AbortController();
    res.once('close', () => gone.abort());
    const form = await readForm(req, { maxFileBytes: 0, signal: gone.signal });
    if (form.kind === 'aborted') return;
    // With a literal reply in its place, the exchange must not use the refresh token up.
    if (fault?.kind === 'reply') playAfterBody(fault, exchange, fault);
    else if (form.kind === 'form') playAfterBody(fault, exchange, answer(form.fields));
    else send(exchange, LEGACY.error(400, form.message, path, method));
  };
}
