/**
 * Whether an error is how a connection looks whose other end has closed it: Node's own "socket hang
 * up", or what the system says of reading and writing.
 */
export function isReset(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false;
  return error.code === 'ECONNRESET' || error.code === 'EPIPE';
}
