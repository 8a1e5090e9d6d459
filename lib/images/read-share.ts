import Denque from 'denque';

/**
 * Bytes that all pictures together may read in one turn of the event loop. Libuv reads a socket up
 * to 32 times in a row, which is 2 MB of a source that sends without end: dozens of such sources
 * make a turn of 100 ms, and for so long nobody else is heard.
 */
const BYTES_PER_TURN = 262_144;
/** What a socket reads at once, and so the least that each picture reads that is gone on with. */
const BYTES_PER_READ = 65_536;

/** Shares out what may be read in one turn of the event loop. */
export interface ReadShare {
  /**
   * Counts what was read.
   *
   * @param goOn called in a later turn, where no more should be read in this one; null for what
   *   goes on in any case.
   * @returns whether more may be read in this turn.
   */
  take(bytes: number, goOn: (() => void) | null): boolean;
}

/** @param atNextTurn calls back after the event loop has looked after everybody else. */
export function createReadShare(
  bytesPerTurn: number = BYTES_PER_TURN,
  atNextTurn: (then: () => void) => void = setImmediate,
): ReadShare {
  const mostAtOnce = Math.max(1, Math.floor(bytesPerTurn / BYTES_PER_READ));
  let left = bytesPerTurn;
  let isCounting = false;
  const resting = new Denque<() => void>();

  function count(): void {
    if (isCounting) return;
    isCounting = true;
    atNextTurn(begin);
  }

  function begin(): void {
    left = bytesPerTurn;
    isCounting = false;
    // Those that still rest come first in the turn after this one.
    if (resting.length > mostAtOnce) count();
    for (let resumed = 0; resumed < mostAtOnce; resumed += 1) resting.shift()?.();
  }

  return {
    take(bytes, goOn) {
      count();
      left -= bytes;
      if (left > 0 || !goOn) return true;
      resting.push(goOn);
      return false;
    },
  };
}

/** The one of this process: there is but one event loop. */
export const readShare = createReadShare();
