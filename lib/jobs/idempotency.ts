/** Thrown when a key comes back with another request. */
export class IdempotencyConflict extends Error {
  override readonly name = 'IdempotencyConflict';
}

export function isIdempotencyConflict(error: unknown): error is IdempotencyConflict {
  return error instanceof Error && error.name === 'IdempotencyConflict';
}

export interface Idempotency {
  /**
   * Runs `create` for a key's first request and gives its result to all that repeat it, also to
   * those that come while it runs. A `create` that fails leaves no trace.
   *
   * @param fingerprint equal for equal requests.
   * @throws {IdempotencyConflict} if the key belongs to a request of another fingerprint.
   */
  once: (key: string, fingerprint: string, create: () => Promise<string>) => Promise<string>;
}

interface Entry {
  readonly fingerprint: string;
  readonly result: Promise<string>;
  readonly expires: number;
}

/**
 * Remembers what was created under which `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header)
 * for `ttlMs`. Over `maxKeys` the oldest key is forgotten first.
 */
export function createIdempotency(
  { ttlMs, maxKeys }: { ttlMs: number; maxKeys: number },
  now = Date.now,
): Idempotency {
  /** In order of creation, and so of expiry. */
  const entries = new Map<string, Entry>();

  return {
    async once(key, fingerprint, create) {
      forgetExpired();
      const known = entries.get(key);
      if (known) {
        if (known.fingerprint === fingerprint) return known.result;
        throw new IdempotencyConflict('The key was used for another request before.');
      }
      const entry = { fingerprint, result: create(), expires: now() + ttlMs };
      entries.set(key, entry);
      forgetExpired();
      try {
        return await entry.result;
      } catch (error) {
        if (entries.get(key) === entry) entries.delete(key);
        throw error;
      }
    },
  };

  function forgetExpired(): void {
    for (const [key, { expires }] of entries) {
      if (entries.size <= maxKeys && expires > now()) return;
      entries.delete(key);
    }
  }
}
