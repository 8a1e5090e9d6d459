import { CreatedKeys } from './created-keys';
import { keyReused } from './job-refused';
import type { IdempotencyKey } from './job-store';

/**
 * Does something once for each `Idempotency-Key`, and gives what came of it again for 24 hours. What
 * failed is forgotten, so that it can be asked for again. A port, as calls with one key may come to
 * several processes.
 *
 * @param make what is to be done; its result has to be JSON.
 * @throws {JobRefused} `key_reused` for a key that came with another request; what `make` throws.
 */
export type Once = <T>(key: IdempotencyKey, make: () => Promise<T>) => Promise<T>;

/** In the memory of this process. */
export function onceInMemory(): Once {
  const made = new CreatedKeys(Date.now);
  const underWay = new Map<string, { fingerprint: string; making: Promise<unknown> }>();

  return async <T>(once: IdempotencyKey, make: () => Promise<T>) => {
    const known = made.find(once);
    if (known !== undefined) return JSON.parse(known) as T;
    const { key, fingerprint } = once;
    const other = underWay.get(key);
    if (other && other.fingerprint !== fingerprint) throw keyReused();
    if (other) return other.making as Promise<T>;
    const making = make();
    underWay.set(key, { fingerprint, making });
    try {
      const result = await making;
      made.remember(once, JSON.stringify(result));
      return result;
    } finally {
      underWay.delete(key);
    }
  };
}
