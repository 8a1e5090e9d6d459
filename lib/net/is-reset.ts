import { codeOf } from './connection-error';

/**
 * Whether an error is how a connection looks whose other end has closed it: Node's own "socket hang
 * up", or what the system says of reading and writing.
 */
export function isReset(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ECONNRESET' || code === 'EPIPE';
}
