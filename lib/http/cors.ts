/**
 * Opens an answer to the page that asks, if the operator named its origin (Fetch standard, 3.2).
 * Where origins are named, every answer says that it depends on who asks, also to those who are no
 * page: a cache would give one's answer to the other (RFC 9110, section 12.5.5).
 */
export function corsHeaders(
  origin: string | undefined,
  allowed: readonly string[],
): Record<string, string> {
  if (allowed.length === 0) return {};
  if (origin === undefined || !(allowed.includes(origin) || allowed.includes('*'))) {
    return { vary: 'origin' };
  }
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-headers': 'authorization, content-type, idempotency-key, x-api-key',
    'access-control-allow-methods': 'GET, POST, DELETE',
    'access-control-expose-headers': 'location, retry-after, x-request-id',
    vary: 'origin',
  };
}
