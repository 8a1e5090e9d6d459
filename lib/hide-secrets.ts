import { isNativeError } from 'node:util/types';

/** Keys that hold a secret wherever they turn up; the last line of defence, not the first. */
export const SECRET_KEYS = [
  'authorization',
  'Authorization',
  'clientId',
  'clientSecret',
  'accessToken',
  'refreshToken',
  'access_token',
  'refresh_token',
  'client_secret',
  'apiKey',
  'x-api-key',
] as const;

/** What stands in the place of a secret. */
export const CENSOR = '***';

const SECRETS: ReadonlySet<string> = new Set(SECRET_KEYS);
/** Deeper than what any line of ours holds. */
const MAX_DEPTH = 4;

/**
 * The fields of a line, without the secrets in objects and arrays among them. Plain values pass as
 * they are, and nearly all fields are that. Errors pass too, as they have a serializer of their
 * own. pino's `*.key` would do the same, but costs each line 20 µs, ten times as much as all the
 * rest of the line.
 */
export function hideNestedSecrets(fields: Record<string, unknown>): Record<string, unknown> {
  let hidden: Record<string, unknown> | null = null;
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (typeof value !== 'object' || value === null || isNativeError(value)) continue;
    hidden ??= { ...fields };
    hidden[name] = withoutSecrets(value, MAX_DEPTH);
  }
  return hidden ?? fields;
}

function withoutSecrets(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return '…';
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, depth - 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, held]) => [
      key,
      SECRETS.has(key) ? CENSOR : withoutSecrets(held, depth - 1),
    ]),
  );
}
