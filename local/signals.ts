import type { Logger } from '../lib/logger';

/**
 * npm forwards a signal to what it runs, on top of the one that the terminal sends to all: one
 * Ctrl-C arrives twice. What comes within this time of the first is the same wish.
 */
const SAME_WISH_MS = 1000;

/**
 * The first signal drains (serverless-offline hears SIGINT and SIGTERM too); a second one stops at
 * once. A terminal that closes drains as well, but it never hurries a stop that has begun: whoever
 * closes the window after Ctrl-C does not ask for the images under way to be lost.
 *
 * To be called right before serverless-offline listens: a signal that only one of the two heard would
 * have no effect.
 */
export function stopOnSignals(log: Logger): void {
  let firstAt: number | null = null;
  const onSignal = (signal: NodeJS.Signals): void => {
    firstAt ??= performance.now();
    if (performance.now() - firstAt < SAME_WISH_MS) return;
    log.warn({ signal }, 'second signal: stopping at once');
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', () => {
    if (firstAt === null) process.emit('SIGTERM', 'SIGTERM');
  });
}
