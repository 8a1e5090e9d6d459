import type { IncomingHttpHeaders } from 'node:http';
import type { TokenOffice } from './token-office';

/** Why a request is not let in: a status and the text of `data.error`. */
export interface Refusal {
  status: number;
  error: string;
}

/** Who asks: a client on its own, or the account that an access token stands for. */
export type Caller = { kind: 'client' } | { kind: 'account' };

export interface Gatekeeper {
  /** Judges what every call of the API has in common, by its headers alone. */
  admit(headers: IncomingHttpHeaders): Caller | Refusal;
  isKnownClient(clientId: string): boolean;
}

const AUTHORIZATION = /^(Client-ID|Bearer) (\S+)$/;

export function isRefusal(answer: object): answer is Refusal {
  return 'error' in answer;
}

/** @param options.clientIds the only client IDs that are let in; null: any. */
export function createGatekeeper(options: {
  clientIds: readonly string[] | null;
  tokens: TokenOffice;
}): Gatekeeper {
  const { clientIds, tokens } = options;

  function isKnownClient(clientId: string): boolean {
    return clientId !== '' && (clientIds === null || clientIds.includes(clientId));
  }

  return {
    isKnownClient,
    admit(headers) {
      // Imgur blocks pages of a local host, which it knows by these two. A server sends neither.
      if (headers.origin !== undefined || headers.referer !== undefined) {
        return { status: 403, error: 'Requests with an Origin or a Referer are refused' };
      }
      if (headers.authorization === undefined) {
        return { status: 401, error: 'Authentication required' };
      }
      const [, scheme, credential = ''] = AUTHORIZATION.exec(headers.authorization) ?? [];
      if (scheme === undefined) return { status: 403, error: 'Malformed auth header' };
      if (scheme === 'Bearer') {
        return tokens.isValid(credential)
          ? { kind: 'account' }
          : { status: 403, error: 'The access token provided is invalid.' };
      }
      return isKnownClient(credential)
        ? { kind: 'client' }
        : { status: 403, error: 'Invalid client_id' };
    },
  };
}
