import type { IncomingMessage } from 'node:http';
import { spoilLastRead } from './last-read';
import { NetError } from './net-error';

/** However small a picture is, it may come in so many chunks, or byte by byte. */
const FREE_CHUNKS = 256;
/**
 * As many bytes has each chunk to bring beyond that, on average. The smallest that programs are
 * known to send are the "lines" of a compressed file: 256 bytes on average.
 */
const BYTES_PER_CHUNK = 128;
/** Smaller chunks of one read are joined: by itself, each would cost ten times what its bytes do. */
const JOINED_BYTES = 16_384;

/**
 * Ends an answer as `tiny_chunks` whose chunks are so small that their framing outweighs what they
 * bring: to find one costs as much as to read thousands of bytes. Counts what arrives, whether or
 * not somebody reads it. (Of chunk extensions, Node itself takes 16 KiB and no more.)
 *
 * To be called before anything of the body has come, hence while its headers are told of.
 */
export function boundChunks(answer: IncomingMessage): void {
  // A body without chunks has no framing.
  if (answer.headers['transfer-encoding'] === undefined) return;
  const push = answer.push.bind(answer);
  let chunks = 0;
  let bytes = 0;
  let small: Buffer[] = [];
  let smallBytes = 0;

  // Node's parser calls it for each chunk, or part of one, that it has found in a read.
  answer.push = (chunk: Buffer | null): boolean => {
    if (answer.destroyed) return false;
    if (chunk === null) {
      pushSmall();
      return push(null);
    }
    chunks += 1;
    bytes += chunk.length;
    if (chunks > FREE_CHUNKS + bytes / BYTES_PER_CHUNK) {
      answer.destroy(new NetError('tiny_chunks'));
      spoilLastRead(answer.socket);
      return false;
    }
    if (small.length === 0) process.nextTick(pushSmall);
    small.push(chunk);
    smallBytes += chunk.length;
    if (smallBytes >= JOINED_BYTES) pushSmall();
    return answer.readableLength < answer.readableHighWaterMark;
  };

  function pushSmall(): void {
    const [first, ...others] = small;
    if (first === undefined) return;
    const joined = others.length === 0 ? first : Buffer.concat(small, smallBytes);
    small = [];
    smallBytes = 0;
    if (!answer.destroyed) push(joined);
  }
}
