/** From the global registry, so that bundles with copies of this file read each other's marks. */
const STALE = Symbol.for('image-relay.stale-connection');

/**
 * Marks the error of an upload on a connection from one before that was closed meanwhile: it was
 * never tried, and Imgur cannot have the image.
 */
export function markStale<E extends Error>(error: E): E {
  Object.defineProperty(error, STALE, { value: true });
  return error;
}

export function isStale(error: unknown): boolean {
  return error instanceof Error && STALE in error;
}
