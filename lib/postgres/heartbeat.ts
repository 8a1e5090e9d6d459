import { isAway } from './away';
import type { Database } from './database';
import type { Settled } from '../jobs/work-queue';
import type { Logger } from '../logger';
import { LEASE_MS, takeOver } from './take-over';

export interface HeartbeatParts {
  readonly database: Database;
  readonly worker: string;
  readonly role: string;
  readonly log: Logger;
  /** Claims of a lower number are over: kept with the worker, and with one that was forgotten. */
  readonly fence: () => number;
  /** The jobs that this process is at. */
  readonly jobIds: () => readonly string[];
  /** A job is over that this process is at. */
  readonly onEnded: (jobId: string) => void;
  /** Images wait again that a silent worker had. */
  readonly onTakenOver: () => void;
  /** Images failed that one worker after the other fell silent with. */
  readonly onGivenUp: (all: readonly Settled[]) => void;
  /** Called with each beat that was heard. */
  readonly onBeat: () => Promise<void>;
  /** Milliseconds of a clock that is never set. */
  readonly now?: () => number;
}

export const BEAT_MS = 1000;
/** Instances that have been silent for so long are forgotten. */
const FORGET = '1 minute';

const BEAT = `
  INSERT INTO workers (id, role, seen, fence) VALUES ($1, $2, clock_timestamp(), $3)
  ON CONFLICT (id) DO UPDATE
    SET seen = excluded.seen, fence = greatest(workers.fence, excluded.fence)`;

const ENDED = 'SELECT id FROM jobs WHERE id = ANY ($1::uuid[]) AND finished IS NOT NULL';

/**
 * Says every second that this process lives, and takes over from those that do not.
 *
 * After an outage every lease looks expired, the others having been as unable to say anything. So who
 * takes over has been heard itself for a whole lease without a break.
 */
export class Heartbeat {
  readonly #parts: HeartbeatParts;
  readonly #now: () => number;
  #heardSince: number | null = null;
  #heardLast = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
    this.#now = parts.now ?? (() => performance.now());
  }

  /** Whether the database was heard of lately. */
  get isAlive(): boolean {
    return this.#heardSince !== null && this.#now() - this.#heardLast < 3 * BEAT_MS;
  }

  async start(): Promise<void> {
    await this.beat();
    this.#timer = setTimeout(() => void this.#goOn(), BEAT_MS);
  }

  /** Lets the others know at once that this process is gone. */
  async stop(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#timer);
    await this.#beating;
    await this.#parts.database
      .query('DELETE FROM workers WHERE id = $1', [this.#parts.worker])
      .catch(() => undefined);
  }

  /** One beat; never rejects. */
  beat(): Promise<void> {
    this.#beating = this.#beat().catch((error: unknown) => {
      if (this.#heardSince !== null) this.#parts.log.warn({ error }, 'the database is away');
      this.#heardSince = null;
      if (!isAway(error)) this.#parts.log.error({ error }, 'heartbeat failed');
    });
    return this.#beating;
  }

  async #goOn(): Promise<void> {
    await this.beat();
    if (!this.#isOver) this.#timer = setTimeout(() => void this.#goOn(), BEAT_MS);
  }

  async #beat(): Promise<void> {
    const { database, worker, role, fence, log, onTakenOver, onGivenUp } = this.#parts;
    await database.query(BEAT, [worker, role, fence()]);
    const now = this.#now();
    // A process that stood still was as silent as one whose database was away.
    const isUnbroken = now - this.#heardLast < LEASE_MS / 2;
    if (this.#heardSince === null && this.#heardLast > 0) log.info('the database is back');
    if (!isUnbroken) this.#heardSince = null;
    this.#heardSince ??= now;
    this.#heardLast = now;
    if (now - this.#heardSince >= LEASE_MS) {
      const { waiting, givenUp } = await takeOver(database, worker);
      await database.query(
        `DELETE FROM workers WHERE seen < clock_timestamp() - interval '${FORGET}'`,
      );
      if (waiting > 0) {
        log.warn({ images: waiting }, 'images of a silent worker wait again');
        onTakenOver();
      }
      if (givenUp.length > 0) onGivenUp(givenUp);
    }
    await this.#lookForEnded();
    await this.#parts.onBeat();
  }

  async #lookForEnded(): Promise<void> {
    const { database, jobIds, onEnded } = this.#parts;
    const ids = jobIds();
    if (ids.length === 0) return;
    const ended = await database.query<{ id: string }>(ENDED, [ids]);
    for (const { id } of ended) onEnded(id);
  }
}
