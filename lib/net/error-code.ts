/** Errors of Node and of the system have a string code; one without it is a defect of ours. */
export function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' && error.code !== '' ? error.code : null;
}

/**
 * Whether an error is how a connection looks whose other end has closed it: Node's own "socket hang
 * up", or what the system says of reading and writing.
 */
export function isReset(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ECONNRESET' || code === 'EPIPE';
}
