import type { IdempotencyKey } from './job-store';
import { keyReused } from './job-refused';

interface Entry {
  readonly fingerprint: string;
  readonly jobId: string;
  readonly expires: number;
}

/** How long a key is remembered, in milliseconds, and how many of them. */
const TTL_MS = 24 * 3_600_000;
const MAX_KEYS = 100_000;

/**
 * Which job was made with which `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header). Over
 * the bound the oldest key is forgotten first.
 */
export class CreatedKeys {
  /** In order of creation, and so of expiry. */
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;
  readonly #maxKeys: number;

  constructor(now: () => number, maxKeys = MAX_KEYS) {
    this.#now = now;
    this.#maxKeys = maxKeys;
  }

  /** @throws {JobRefused} `key_reused` if the key came with another request. */
  find({ key, fingerprint }: IdempotencyKey): string | undefined {
    this.#forgetExpired();
    const known = this.#entries.get(key);
    if (known && known.fingerprint !== fingerprint) {
      throw keyReused();
    }
    return known?.jobId;
  }

  remember({ key, fingerprint }: IdempotencyKey, jobId: string): void {
    // Anew, so that it is the youngest.
    this.#entries.delete(key);
    this.#entries.set(key, { fingerprint, jobId, expires: this.#now() + TTL_MS });
    this.#forgetExpired();
  }

  #forgetExpired(): void {
    for (const [key, { expires }] of this.#entries) {
      if (this.#entries.size <= this.#maxKeys && expires > this.#now()) return;
      this.#entries.delete(key);
    }
  }
}
