import type { Shifts } from '../jobs/shift-worker';
import { NO_QUEUE } from '../jobs/no-queue';
import { openDatabase } from './database';
import { GateTable } from './gate-table';
import { migratedFirst } from './migrated-first';
import { PgJobStore } from './pg-job-store';
import { INSTANCES, NAME, type Instance, type PgJobs, type PgJobsParts } from './pg-jobs';
import { createPgShifts } from './pg-shifts';
import { shareGate } from './shared-gate';
import { onceInFleet } from './shared-once';
import { renewShared } from './shared-tokens';
import { sweep } from './sweep';

export interface PgLambdaJobs extends PgJobs {
  readonly shifts: Shifts;
}

/** Lambda may have a thousand instances, and a server of PostgreSQL has a hundred connections. */
const CONNECTIONS = 1;
/** Beats of a run between two looks at what is kept over the bounds. */
const SWEEP_BEATS = 10;

/**
 * Jobs in PostgreSQL for a function on Lambda. Between two invocations the process stands still, so
 * nothing of it runs by itself: it listens to nobody, and says that it lives only during a run of
 * `process-upload`. It starts without the database, as no one would start it again.
 */
export function openPgLambdaJobs(parts: PgJobsParts & { maxWorkers: number }): PgLambdaJobs {
  const { url, log } = parts;
  const database = migratedFirst(openDatabase(url, NAME, CONNECTIONS));
  // A refresh holds its connection while Imgur is waited for. It is opened when it is needed.
  const tokens = migratedFirst(openDatabase(url, `${NAME} tokens`, 1));
  let gateChanged = (): Promise<void> => Promise.resolve();
  let beats = 0;

  return {
    queue: NO_QUEUE,
    store: new PgJobStore({
      ...{ ...parts, database },
      isStopping: () => false,
      onCancelled: () => undefined,
    }),
    get isAlive() {
      return database.query('SELECT 1').then(
        () => true,
        () => false,
      );
    },
    async instances() {
      await gateChanged();
      return database.query<Instance>(INSTANCES);
    },
    shareGate(gate) {
      const shared = shareGate(gate, new GateTable(database), log);
      gateChanged = () => shared.adopt();
      return shared;
    },
    renewTokens: renewShared(tokens),
    once: onceInFleet(database),
    shifts: createPgShifts({
      ...{ ...parts, database },
      async onBeat() {
        await gateChanged();
        beats += 1;
        if (beats % SWEEP_BEATS === 0) await sweep(database, parts);
      },
    }),
    async close() {
      await Promise.all([database.close(), tokens.close()]);
    },
  };
}
