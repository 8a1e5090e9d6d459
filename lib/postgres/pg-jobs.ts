import { randomUUID } from 'node:crypto';
import { ConfigError, type Role } from '../config';
import type { RenewTokens } from '../imgur/credentials';
import type { RateGate } from '../imgur/rate-gate';
import type { JobStore } from '../jobs/job-store';
import type { Once } from '../jobs/once';
import type { Settled, WorkQueue } from '../jobs/work-queue';
import type { Logger } from '../logger';
import { openDatabase } from './database';
import { GateTable } from './gate-table';
import { Heartbeat } from './heartbeat';
import { listen } from './listener';
import { migrate } from './migrate';
import { PgJobStore } from './pg-job-store';
import { PgQueue } from './pg-queue';
import { shareGate } from './shared-gate';
import { onceInFleet } from './shared-once';
import { renewShared } from './shared-tokens';
import { sweep, type SweepBounds } from './sweep';
import { whenReachable } from './when-reachable';

export interface PgJobsParts extends SweepBounds {
  readonly url: string;
  readonly role: Role;
  readonly maxQueuedImages: number;
  readonly concurrency: number;
  readonly concurrencyPerSource: number;
  readonly credentialOf: (clientId: string | null) => string;
  readonly log: Logger;
  /** Images failed that one worker after the other fell silent with. */
  readonly onGivenUp: (all: readonly Settled[]) => void;
}

/** One process as the others see it. */
export interface Instance {
  readonly id: string;
  readonly role: Role;
  readonly inFlight: number;
  /** When it was last heard of, in milliseconds since 1970. */
  readonly seen: number;
}

/** Jobs in PostgreSQL, for any number of processes: the store, and this process's queue. */
export interface PgJobs {
  readonly store: JobStore;
  readonly queue: WorkQueue;
  /** Whether the database was heard of lately; a promise where it has to be asked. */
  readonly isAlive: boolean | Promise<boolean>;
  instances(): Promise<Instance[]>;
  /** Makes the pauses of a gate those of all processes. */
  shareGate(gate: RateGate): RateGate;
  readonly renewTokens: RenewTokens;
  readonly once: Once;
  /** Tells the others that this process ends, and lets go of the database. */
  close(): Promise<void>;
}

/** Connections of a process: for calls, for claims, and one for results. */
const CONNECTIONS = 8;
export const NAME = 'image-relay';
/** Beats between two looks at what is kept over the bounds. */
const SWEEP_BEATS = 10;

export const INSTANCES = `
  SELECT id, role, round(extract(epoch FROM seen) * 1000)::float8 AS seen,
    (SELECT count(*) FROM queue WHERE state = 2 AND queue.worker = workers.id)::int AS "inFlight"
  FROM workers ORDER BY role, id`;

/** @throws {ConfigError} if the database cannot be used; the message says why, and has no secret. */
export async function openPgJobs(parts: PgJobsParts): Promise<PgJobs> {
  const { url, role, log, concurrency, concurrencyPerSource } = parts;
  const database = openDatabase(url, NAME, CONNECTIONS);
  const results = openDatabase(url, `${NAME} results`, 1);
  try {
    await whenReachable(log, () => migrate(database));
  } catch (error) {
    const why = error instanceof Error ? (error.cause ?? error) : error;
    throw new ConfigError([
      `Expected DATABASE_URL to lead to a PostgreSQL that can be used, got: ${messageOf(why)}`,
    ]);
  }

  const worker = randomUUID();
  const queue = new PgQueue({ database, results, worker, concurrency, concurrencyPerSource, log });
  const store = new PgJobStore({
    ...parts,
    database,
    isStopping: () => queue.isClosed,
    onCancelled: (jobId) => queue.ended(jobId),
  });
  let gateChanged = (): Promise<void> => Promise.resolve();
  let beats = 0;
  const heartbeat = new Heartbeat({
    ...{ database, worker, role, log, onGivenUp: parts.onGivenUp },
    fence: () => queue.fence,
    jobIds: () => queue.jobIds,
    onEnded: (jobId) => queue.ended(jobId),
    onTakenOver: () => queue.wake(),
    onBeat: async () => {
      await gateChanged();
      beats += 1;
      if (beats % SWEEP_BEATS === 0) await sweep(database, parts);
    },
  });
  await heartbeat.start();
  const listener = listen(url, `${NAME} listener`, (channel, payload) => {
    if (channel === 'work') queue.wake();
    else if (channel === 'cancel') queue.ended(payload);
    else void gateChanged().catch(() => undefined);
  });

  return {
    ...{ store, queue },
    get isAlive() {
      return heartbeat.isAlive;
    },
    instances: () => database.query<Instance>(INSTANCES),
    shareGate(gate) {
      const shared = shareGate(gate, new GateTable(database), log);
      gateChanged = () => shared.adopt();
      return shared;
    },
    renewTokens: renewShared(database),
    once: onceInFleet(database),
    async close() {
      log.info({ images: queue.givenBack }, 'images given back to the queue');
      await heartbeat.stop();
      await listener.close();
      await Promise.all([database.close(), results.close()]);
    },
  };
}

/** PostgreSQL names the user and the database, never the password. */
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
