/**
 * Bytes that all pictures together may read in one turn of the event loop. Libuv reads a socket up
 * to 32 times in a row, which is 2 MB of a source that sends without end: dozens of such sources
 * make a turn of 100 ms, and for so long nobody else is heard.
 */
const BYTES_PER_TURN = 524_288;

/** Shares out what may be read in one turn of the event loop. */
export interface ReadShare {
  /**
   * Counts what was read.
   *
   * @param goOn called in the next turn, where no more should be read in this one.
   * @returns whether more may be read in this turn.
   */
  take(bytes: number, goOn: () => void): boolean;
}

/** @param atNextTurn calls back after the event loop has looked after everybody else. */
export function createReadShare(
  bytesPerTurn: number = BYTES_PER_TURN,
  atNextTurn: (then: () => void) => void = setImmediate,
): ReadShare {
  let left = bytesPerTurn;
  let resting: (() => void)[] = [];

  function begin(): void {
    left = bytesPerTurn;
    const rested = resting;
    resting = [];
    for (const goOn of rested) goOn();
  }

  return {
    take(bytes, goOn) {
      if (left === bytesPerTurn) atNextTurn(begin);
      left -= bytes;
      if (left > 0) return true;
      resting.push(goOn);
      return false;
    },
  };
}

/** The one of this process: there is but one event loop. */
export const readShare = createReadShare();
