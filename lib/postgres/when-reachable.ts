import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '../logger';
import { isAway } from './away';

/** How long a start waits for a database that starts too. */
const PATIENCE_MS = 60_000;
const AGAIN_MS = 500;

/**
 * Does something that needs the database, once that can be reached.
 *
 * @throws {Error} what a database that is there answers, or the last reason if it does not come; no
 *   message of either holds the URL.
 */
export async function whenReachable(log: Logger, run: () => Promise<void>): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (let isFirst = true; ; isFirst = false) {
    try {
      await run();
      return;
    } catch (error) {
      if (!isAway(error) || performance.now() > giveUpAt) throw error;
      if (isFirst) log.warn('waiting for the database');
      await wait(AGAIN_MS);
    }
  }
}
