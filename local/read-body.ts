import type { IncomingMessage } from 'node:http';

/**
 * Reads the body of a request, up to a limit.
 *
 * @returns null for a body over the limit, of which nothing is kept; the rest of it is read away.
 * @throws what the connection ended with, if it ended first.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      resolve(null);
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
    request.once('close', () => reject(new Error('The connection ended before the body did.')));
  });
}
