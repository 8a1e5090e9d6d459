import type { IncomingMessage } from 'node:http';
import { announcedLength } from './source-status';

/** A page that says "moved" or "not found" is smaller, and a picture that nobody wants is not. */
const MAX_BYTES = 65_536;
/** Longer than a way around the world. To connect anew costs about as much as to wait for more. */
const MAX_MS = 1000;

/**
 * Lets the body of an answer go by that nobody wants, so that its connection can serve the next
 * request. What is too long or too slow for that is destroyed, connection and all.
 *
 * @returns once what has come with the headers is gone: with it, most bodies are.
 */
export function drain(answer: IncomingMessage): Promise<void> {
  if ((announcedLength(answer) ?? 0) > MAX_BYTES) {
    answer.destroy();
    return Promise.resolve();
  }
  const timer = setTimeout(() => answer.destroy(), MAX_MS).unref();
  const stop = (): void => clearTimeout(timer);
  answer.once('end', stop).once('close', stop);
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) answer.destroy();
  });
  return new Promise((resolve) => setImmediate(resolve));
}
