/** From the global registry, so that bundles with copies of this file read each other's marks. */
const MAY_BE_DUPLICATE = Symbol.for('image-relay.may-be-duplicate');

/**
 * Marks an error after which the image may be on Imgur all the same. Uploads have no idempotency
 * key, so another attempt can make a duplicate.
 */
export function markMayBeDuplicate<E extends Error>(error: E): E {
  Object.defineProperty(error, MAY_BE_DUPLICATE, { value: true });
  return error;
}

export function mayBeDuplicate(error: unknown): boolean {
  return error instanceof Error && MAY_BE_DUPLICATE in error;
}
