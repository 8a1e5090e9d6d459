import type { Logger } from '../lib/logger';

/**
 * npm forwards a signal to what it runs, on top of the one that the terminal sends to all: one
 * Ctrl-C arrives twice. What comes within this time of the first is the same wish.
 */
const SAME_WISH_MS = 1000;

/** The first signal drains (serverless-offline hears it too); a second one stops at once. */
export function stopOnSecondSignal(log: Logger): void {
  let firstAt: number | null = null;
  const onSignal = (signal: NodeJS.Signals): void => {
    firstAt ??= performance.now();
    if (performance.now() - firstAt < SAME_WISH_MS) return;
    log.warn({ signal }, 'second signal: stopping at once');
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}
