import { createInterface } from 'node:readline';

/** A wish to stop, as Ctrl-C expresses it. */
export interface Interrupts {
  /** Whether Ctrl-C was pressed since this was asked last. */
  take(): boolean;
  /** Resolves after `ms`, or at once when Ctrl-C is pressed. */
  wait(ms: number): Promise<void>;
  /** A question on the terminal; null if Ctrl-C is the answer. */
  ask(question: string): Promise<string | null>;
  close(): void;
}

/**
 * npm forwards a signal to what it runs, on top of the terminal's own: one Ctrl-C arrives twice.
 * What comes within this time of the first is the same wish.
 */
const SAME_WISH_MS = 1000;

/** Listens to Ctrl-C instead of being ended by it, until it is closed. */
export function listenToInterrupts(now: () => number = () => performance.now()): Interrupts {
  let pending = false;
  let lastAt = -Infinity;
  let wake = (): void => undefined;
  const onSignal = (): void => {
    const isSame = now() - lastAt < SAME_WISH_MS;
    lastAt = now();
    if (isSame) return;
    pending = true;
    wake();
  };
  process.on('SIGINT', onSignal);

  return {
    take() {
      const taken = pending;
      pending = false;
      return taken;
    },
    wait: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
        if (pending) wake();
      }),
    ask: (question) =>
      new Promise((resolve) => {
        // In raw mode Ctrl-C is a character for this prompt, and no signal that npm forwards.
        const prompt = createInterface({ input: process.stdin, output: process.stderr });
        const answer = (text: string | null): void => {
          // First, because closing answers too: with nothing, as the end of input does.
          resolve(text);
          wake = () => undefined;
          prompt.close();
        };
        wake = () => {
          pending = false;
          process.stderr.write('\n');
          answer(null);
        };
        prompt.on('SIGINT', wake);
        prompt.on('close', () => answer(''));
        prompt.question(question, answer);
      }),
    close: () => process.off('SIGINT', onSignal),
  };
}
