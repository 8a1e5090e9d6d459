import { createHash, timingSafeEqual } from 'node:crypto';
import { HttpProblem } from './http-problem';
import type { Middleware } from './middleware';

/** Refuses callers without one of the keys, where there are any (RFC 6750, RFC 9110 11.6.1). */
export function authentication(): Middleware {
  return {
    before({ event, context }) {
      const keys = context.app?.config.apiKeys ?? [];
      if (keys.length === 0) return;
      const bearer = /^Bearer +(\S+) *$/i.exec(event.headers['authorization'] ?? '')?.[1];
      const given = bearer ?? event.headers['x-api-key'];
      const position = given === undefined ? 0 : positionOf(given, keys);
      if (position > 0) {
        context.key = position;
        return;
      }
      throw new HttpProblem(
        401,
        `Expected a key as "Authorization: Bearer" or "x-api-key", got ${given === undefined ? 'none' : 'a wrong one'}.`,
        { headers: { 'www-authenticate': 'Bearer realm="image-relay"' } },
      );
    },
  };
}

/**
 * Where a key stands among those that are taken, from 1; 0 for none of them. Compares in a time that
 * tells nothing: digests are of one length, and every key is looked at.
 */
function positionOf(given: string, keys: readonly string[]): number {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(given);
  return keys.map((key) => timingSafeEqual(digest(key), expected)).indexOf(true) + 1;
}
