import type { ClientRequest } from 'node:http';
import { spoilLastRead } from './last-read';

/** Browsers and CDNs know one, for early hints; proxies on the way may add their own. */
export const MAX_INFORMATIONAL = 5;

/**
 * Calls back once, where more informational answers (RFC 9110, 15.2) come to a request than any
 * honest server sends. Each costs as much as an answer to read, and they may go on for ever.
 *
 * @param refuse has to end the request.
 */
export function boundInformational(request: ClientRequest, refuse: () => void): void {
  let count = 0;
  request.on('information', () => {
    count += 1;
    if (count !== MAX_INFORMATIONAL + 1) return;
    refuse();
    spoilLastRead(request.socket);
  });
}
