import { CHANNELS } from './channels';
import type { Database } from './database';

/** How a credential's gate stands for the fleet. */
export interface SharedGate {
  readonly gate: string;
  readonly pausedMs: number;
  readonly places: number | null;
  /** Grows with each pause. */
  readonly round: number;
}

/** Pauses only grow: who hears late that Imgur asked for one does not end it early. */
const PAUSE = `
  INSERT INTO gates AS known (gate, paused_until, places, fails, round)
  VALUES ($1, clock_timestamp() + $2 * interval '1 millisecond', 1, $3, 1)
  ON CONFLICT (gate) DO UPDATE SET
    paused_until = greatest(known.paused_until, excluded.paused_until),
    places = 1, fails = excluded.fails, round = known.round + 1, changed = clock_timestamp()
  RETURNING round`;

/** Nothing of an earlier round opens what was paused since. */
const OPEN = `
  UPDATE gates SET
    places = CASE WHEN $2::int IS NOT NULL THEN greatest(places, $2) END,
    fails = false,
    changed = clock_timestamp()
  WHERE gate = $1 AND round = $3 AND places IS NOT NULL AND paused_until <= clock_timestamp()`;

const SHUT = `
  SELECT gate, places, round::float8 AS round,
    greatest(0, extract(epoch FROM paused_until - clock_timestamp()) * 1000)::float8 AS "pausedMs"
  FROM gates WHERE places IS NOT NULL`;

export class GateTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @param fails whether images fail at once instead of waiting. @returns the new round. */
  async pause(gate: string, pausedMs: number, fails: boolean): Promise<number> {
    return this.#database.transaction(async (query) => {
      const [row] = await query<{ round: string }>(PAUSE, [gate, Math.ceil(pausedMs), fails]);
      await query('SELECT pg_notify($1, $2)', [CHANNELS.gate, '']);
      return Number(row?.round);
    });
  }

  /** @param places null for any number. */
  async open(gate: string, places: number | null, round: number): Promise<void> {
    await this.#database.query(OPEN, [gate, places, round]);
  }

  /** Those that are not fully open. */
  shut(): Promise<SharedGate[]> {
    return this.#database.query<SharedGate>(SHUT);
  }
}
