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
   * those that come while it runs. A `create` that fails leaves no trace, and what is no longer
   * there is created anew.
   *
   * @throws {IdempotencyConflict} if the key belongs to a request of another fingerprint.
   */
  once: (request: OnceRequest) => Promise<string>;
}

export interface OnceRequest {
  readonly key: string;
  /** Equal for equal requests. */
  readonly fingerprint: string;
  readonly create: () => Promise<string>;
  /** Whether what was created is still there. */
  readonly exists: (result: string) => Promise<boolean>;
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
    async once({ key, fingerprint, create, exists }) {
      for (;;) {
        forgetExpired();
        const known = entries.get(key);
        if (!known) break;
        if (known.fingerprint !== fingerprint) {
          throw new IdempotencyConflict('The key was used for another request before.');
        }
        const result = await known.result;
        if (await exists(result)) return result;
        // Of several that find it gone, the first creates it, and the others look again.
        if (entries.get(key) === known) entries.delete(key);
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
