import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';

/**
 * Lets bytes pass at a given rate, so that whoever writes has to wait once the buffers on the way
 * are full. Each chunk is held for as long as it would take at that rate.
 */
export function slowDown(bytesPerSecond: number): Transform {
  let timer: NodeJS.Timeout | undefined;
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      timer = setTimeout(done, (chunk.length / bytesPerSecond) * 1000, null, chunk);
    },
    destroy(error, done) {
      clearTimeout(timer);
      done(error);
    },
  });
}
