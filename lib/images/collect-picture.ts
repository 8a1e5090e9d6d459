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

/** A picture that is being collected. */
export interface Collecting {
  readonly whole: Promise<CollectedPicture>;
  /** Whether other pictures wait for the memory that this one takes. */
  readonly isInTheWay: () => boolean;
}

/**
 * Reads a picture to its end, and stops for as long as the budget says so. Takes about as much memory
 * as the picture has bytes: large pieces are kept as they came, small ones are copied together.
 *
 * Rejects with what the picture ends with, or the reason of the cancellation.
 *
 * @param onWait called each time that it stops for the sake of others.
 */
export function collectPicture(
  picture: Picture,
  budget: MemoryBudget,
  cancellation: Cancellation,
  onWait: () => void,
): Collecting {
  const account = budget.open(() => picture.resume());
  const pieces = new Pieces();
  const whole = new Promise<CollectedPicture>((resolve, reject) => {
    const fail = (error: Error): void => {
      account.close();
      reject(error);
    };
    cancellation.onCancel(fail);
    picture.on('error', fail);
    picture.on('data', (chunk: Buffer) => {
      pieces.add(chunk);
      if (account.add(chunk.length)) return;
      picture.pause();
      onWait();
    });
    picture.once('end', () => {
      const { bytes } = pieces;
      resolve({ chunks: pieces.end(), bytes, release: () => account.close() });
    });
  });
  return { whole, isInTheWay: () => account.isInTheWay };
}

/** What has come of a picture. */
class Pieces {
  bytes = 0;
  readonly #chunks: Buffer[] = [];
  /** Where small pieces are copied together, and how much of it is filled. */
  #block: Buffer | null = null;
  #filled = 0;

  add(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (chunk.length >= BLOCK_BYTES / 4) {
      this.#endBlock();
      this.#chunks.push(chunk);
      return;
    }
    if (!this.#block || this.#filled + chunk.length > BLOCK_BYTES) {
      this.#endBlock();
      this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    }
    this.#filled += chunk.copy(this.#block, this.#filled);
  }

  /** @returns all of them. */
  end(): Buffer[] {
    this.#endBlock();
    return this.#chunks;
  }

  #endBlock(): void {
    // What is left of a block is not worth a copy, but a picture of a few bytes is.
    if (this.#block && this.#filled > 0) {
      const part = this.#block.subarray(0, this.#filled);
      this.#chunks.push(this.#filled < BLOCK_BYTES / 4 ? Buffer.from(part) : part);
    }
    this.#block = null;
    this.#filled = 0;
  }
}
