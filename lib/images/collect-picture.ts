import type { Cancellation } from '../cancellation';
import type { MemoryBudget } from './memory-budget';
import type { Picture } from './picture';

/** A source may send its picture in pieces of a few bytes, each of which would be an object. */
const BLOCK_BYTES = 65_536;

/** A whole picture in memory, in pieces. */
export interface CollectedPicture {
  readonly chunks: Buffer[];
  readonly bytes: number;
  /** Gives its memory back to the budget. */
  readonly release: () => void;
}

/**
 * Reads a picture to its end, and stops for as long as the budget says so. Takes about as much memory
 * as the picture has bytes: large pieces are kept as they came, small ones are copied together.
 *
 * @throws what the picture ends with, or the reason of the cancellation.
 */
export function collectPicture(
  picture: Picture,
  budget: MemoryBudget,
  cancellation: Cancellation,
): Promise<CollectedPicture> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let block: Buffer | null = null;
    let filled = 0;
    let bytes = 0;
    const account = budget.open(() => picture.resume());
    const fail = (error: Error): void => {
      account.close();
      reject(error);
    };
    cancellation.onCancel(fail);
    picture.on('error', fail);
    picture.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      keep(chunk);
      if (!account.add(chunk.length)) picture.pause();
    });
    picture.once('end', () => {
      endBlock();
      resolve({ chunks, bytes, release: () => account.close() });
    });

    function keep(chunk: Buffer): void {
      if (chunk.length >= BLOCK_BYTES / 4) {
        endBlock();
        chunks.push(chunk);
        return;
      }
      if (!block || filled + chunk.length > block.length) {
        endBlock();
        block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
      }
      filled += chunk.copy(block, filled);
    }

    function endBlock(): void {
      // What is left of a block is not worth a copy, but a picture of a few bytes is.
      if (block && filled > 0) {
        const part = block.subarray(0, filled);
        chunks.push(filled < BLOCK_BYTES / 4 ? Buffer.from(part) : part);
      }
      block = null;
      filled = 0;
    }
  });
}
