import { createHash } from 'node:crypto';
import { z } from 'zod';
import { HttpProblem } from '../errors';
import { isIdempotencyConflict } from '../jobs/idempotency';
import type { ApiRequest } from './api-function';

export const idempotencyKeySchema = z.string().regex(/^[\x20-\x7e]{1,255}$/);

/**
 * Creates a job once for each `Idempotency-Key`: the same key with the same request gives the same
 * job again, or a new one where that job has been dropped since. Without the header, every request
 * creates its own. Keys of different callers are apart.
 *
 * @param what is asked for, as JSON tells it: requests are the same if this is.
 * @throws {HttpProblem} 400 for a key that is none, 422 for one that came with another request before.
 */
export async function createOnce(
  { app, event }: ApiRequest,
  what: unknown,
  create: () => Promise<string>,
): Promise<string> {
  const { headers } = event;
  const key = headers['idempotency-key'];
  if (key === undefined) return create();
  if (!idempotencyKeySchema.safeParse(key).success) {
    throw new HttpProblem(
      400,
      `Expected an Idempotency-Key of 1 to 255 printable ASCII characters, got ${key.length} others.`,
    );
  }
  // Digests, so that neither callers' keys nor bodies are kept.
  const caller = headers['authorization'] ?? headers['x-api-key'] ?? '';
  try {
    return await app.idempotency.once({
      key: digest(`${caller}\n${key}`),
      fingerprint: digest(JSON.stringify(what)),
      create,
      exists: async (jobId) => (await app.store.get(jobId)) !== undefined,
    });
  } catch (error) {
    if (!isIdempotencyConflict(error)) throw error;
    throw new HttpProblem(
      422,
      'Expected the same request as when this Idempotency-Key came before, got another one.',
    );
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
