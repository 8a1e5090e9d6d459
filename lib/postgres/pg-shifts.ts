import { randomUUID } from 'node:crypto';
import type { Shift, Shifts } from '../jobs/shift-worker';
import type { Settled } from '../jobs/work-queue';
import type { Logger } from '../logger';
import { isAway } from './away';
import type { Database } from './database';
import { Heartbeat } from './heartbeat';
import { LOCKS } from './locks';
import { PgQueue } from './pg-queue';
import { LEASE_MS } from './take-over';

export interface PgShiftsParts {
  readonly database: Database;
  /** How many may be at work at once. */
  readonly maxWorkers: number;
  readonly concurrency: number;
  readonly concurrencyPerSource: number;
  readonly log: Logger;
  /** Images failed that one run after the other fell silent with. */
  readonly onGivenUp: (all: readonly Settled[]) => void;
  /** Called with each beat that was heard, from the first one on. */
  readonly onBeat: () => Promise<void>;
}

const ROLE = 'worker';
/** A run waits so long for what is about to come. What comes later is for the schedule. */
const SOON = '5 seconds';
const LEASE = `interval '${LEASE_MS} milliseconds'`;

/** One after the other, as two that count at once would both find the last place. */
const TAKE_TURN = `SELECT pg_advisory_xact_lock(${LOCKS.shift})`;
const TAKE_PLACE = `
  INSERT INTO workers (id, role, seen)
  SELECT $1, '${ROLE}', clock_timestamp()
  WHERE $2 > (
    SELECT count(*) FROM workers
    WHERE role <> 'api' AND seen > clock_timestamp() - ${LEASE}
  )
  RETURNING id`;

/** A retry or the end of a pause that is near, and images of a run that died. */
const EXPECTED = `
  EXISTS (
    SELECT FROM queue WHERE state = 1 AND due < clock_timestamp() + interval '${SOON}'
  ) OR EXISTS (
    SELECT FROM queue WHERE state = 2 AND NOT EXISTS (
      SELECT FROM workers WHERE id = queue.worker AND seen > clock_timestamp() - ${LEASE}
    )
  ) OR EXISTS (
    SELECT FROM gates
    WHERE paused_until BETWEEN clock_timestamp() AND clock_timestamp() + interval '${SOON}'
      AND EXISTS (SELECT FROM queue WHERE queue.gate = gates.gate)
  )`;

/** What the next claim would find: only that is worth another run. */
const LEFT = `
  WITH running AS MATERIALIZED (SELECT gate, host FROM queue WHERE state = 2)
  SELECT ${EXPECTED} OR EXISTS (
    SELECT FROM queue JOIN gates USING (gate)
    WHERE state = 0
      AND (paused_until IS NULL OR paused_until <= clock_timestamp() OR fails)
      AND (places IS NULL OR fails
        OR places > (SELECT count(*) FROM running WHERE running.gate = queue.gate))
      AND host <> ALL (ARRAY(SELECT host FROM running GROUP BY host HAVING count(*) >= $1))
  ) AS is`;

/** The runs of Lambda, each of which is a worker of its own among all those of the database. */
export function createPgShifts(parts: PgShiftsParts): Shifts {
  const { database, maxWorkers, log } = parts;
  return {
    async begin() {
      const worker = randomUUID();
      const [place] = await database.transaction(async (query) => {
        await query(TAKE_TURN);
        return query(TAKE_PLACE, [worker, maxWorkers]);
      });
      if (place) return openShift(parts, worker);
      log.info({ maxWorkers }, 'others enough are at work');
      return null;
    },
  };
}

async function openShift(parts: PgShiftsParts, worker: string): Promise<Shift> {
  const { database, log, onBeat, onGivenUp, concurrencyPerSource } = parts;
  const queue = new PgQueue({ ...parts, results: database, worker });
  const heartbeat = new Heartbeat({
    ...{ database, worker, role: ROLE, log, onBeat },
    fence: () => queue.fence,
    jobIds: () => queue.jobIds,
    onEnded: (jobId) => queue.ended(jobId),
    onTakenOver: () => queue.wake(),
    onGivenUp,
  });
  await heartbeat.start();
  const ask = async (sql: string, values: unknown[], ifAway: boolean): Promise<boolean> => {
    try {
      return (await database.query<{ is: boolean }>(sql, values))[0]?.is ?? ifAway;
    } catch (error) {
      if (!isAway(error)) throw error;
      return ifAway;
    }
  };

  return {
    queue,
    get isIdle() {
      return queue.isIdle;
    },
    // A database that is away may be back while there is time.
    expectsMore: () => ask(`SELECT ${EXPECTED} AS is`, [], true),
    async end() {
      await heartbeat.stop();
      const isLeft = await ask(LEFT, [concurrencyPerSource], false);
      log.info({ images: queue.givenBack, isLeft }, 'images given back to the queue');
      return isLeft;
    },
  };
}
