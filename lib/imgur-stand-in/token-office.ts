import { randomBytes } from 'node:crypto';

export interface TokenPair {
  accessToken: string;
  refreshToken: string;
}

/** The tokens of the embedded Imgur's one account. */
export interface TokenOffice {
  isValid(accessToken: string): boolean;
  /**
   * Trades a refresh token for a new pair. As at Imgur, that is the end of the refresh token given
   * and of every access token issued before.
   *
   * @returns null if the refresh token is none, or was traded before.
   */
  refresh(refreshToken: string): TokenPair | null;
}

/** 40 hexadecimal digits, as Imgur's tokens are. */
function newToken(): string {
  return randomBytes(20).toString('hex');
}

export function createTokenOffice(initial: {
  accessTokens: readonly string[];
  refreshTokens: readonly string[];
}): TokenOffice {
  const accessTokens = new Set(initial.accessTokens);
  const refreshTokens = new Set(initial.refreshTokens);

  return {
    isValid: (accessToken) => accessTokens.has(accessToken),
    refresh(refreshToken) {
      if (!refreshTokens.delete(refreshToken)) return null;
      accessTokens.clear();
      const pair = { accessToken: newToken(), refreshToken: newToken() };
      accessTokens.add(pair.accessToken);
      refreshTokens.add(pair.refreshToken);
      return pair;
    },
  };
}
