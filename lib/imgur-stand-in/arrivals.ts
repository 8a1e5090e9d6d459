interface Waiter {
  bytes: number;
  enter: () => void;
}

/** Lets uploads in as long as all those inside fit into a limit together. */
export interface WaitingRoom {
  /**
   * Waits, first come first served, until so many bytes have room.
   *
   * @returns what ends the stay.
   * @throws the signal's reason, if it is aborted before.
   */
  enter(bytes: number, signal: AbortSignal): Promise<() => void>;
}

/**
 * An upload is admitted before it is read, and all those admitted fit into the limit together. So
 * whoever is in can always finish, and whoever is not waits with its bytes still on the wire.
 */
export function createWaitingRoom(maxBytes: number): WaitingRoom {
  const waiting: Waiter[] = [];
  let promisedBytes = 0;

  function admitWaiting(): void {
    for (let next = waiting[0]; next; next = waiting[0]) {
      if (promisedBytes + next.bytes > maxBytes) return;
      waiting.shift();
      promisedBytes += next.bytes;
      next.enter();
    }
  }

  return {
    enter(wanted, signal) {
      return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        // One that is larger than everything is let in alone: its bytes are counted as they come.
        const bytes = Math.min(wanted, maxBytes);
        const leaveLine = (): void => {
          waiting.splice(waiting.indexOf(waiter), 1);
          reject(signal.reason as Error);
          // Whoever stood behind a large one may fit.
          admitWaiting();
        };
        const waiter: Waiter = {
          bytes,
          enter() {
            signal.removeEventListener('abort', leaveLine);
            resolve(() => {
              promisedBytes -= bytes;
              admitWaiting();
            });
          },
        };
        signal.addEventListener('abort', leaveLine, { once: true });
        waiting.push(waiter);
        admitWaiting();
      });
    },
  };
}
