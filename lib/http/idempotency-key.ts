import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { IdempotencyKey } from '../jobs/job-store';
import { HttpProblem } from './http-problem';
import type { ApiEvent } from './middleware';

export const idempotencyKeySchema = z.string().regex(/^[\x20-\x7e]{1,255}$/);

/**
 * What marks a request that may come more than once by its `Idempotency-Key`, if it has one. Keys of
 * different callers are apart.
 *
 * @param what is asked for, as JSON tells it: requests are the same if this is.
 * @throws {HttpProblem} 400 for a key that is none.
 */
export function idempotencyKeyOf(
  { headers }: Pick<ApiEvent, 'headers'>,
  what: unknown,
): IdempotencyKey | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (!idempotencyKeySchema.safeParse(key).success) {
    throw new HttpProblem(
      400,
      `Expected an Idempotency-Key of 1 to 255 printable ASCII characters, got ${key.length} others.`,
    );
  }
  // Digests, so that neither callers' keys nor bodies are kept.
  const caller = headers['authorization'] ?? headers['x-api-key'] ?? '';
  return { key: digest(`${caller}\n${key}`), fingerprint: digest(JSON.stringify(what)) };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
