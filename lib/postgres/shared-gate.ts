import type { RateGate } from '../imgur/rate-gate';
import type { Logger } from '../logger';
import { isAway } from './away';
import type { GateTable } from './gate-table';

export interface SharedRateGate extends RateGate {
  /** Takes over what other processes were asked for. */
  adopt(): Promise<void>;
}

/** What is known of a gate that is not fully open. */
interface Known {
  until: number;
  places: number;
  round: number;
  /** One statement after the other: a pause and its end must not overtake each other. */
  told: Promise<void>;
}

/** Two clocks that say the same pause differ by less. In milliseconds. */
const SAME_PAUSE_MS = 1000;

/**
 * A rate gate whose pauses hold for all who share the credential. Each process opens its own again
 * step by step; how many may be under way in all is the table's to know, and claims keep to it.
 */
export function shareGate(
  gate: RateGate,
  table: GateTable,
  log: Logger,
  now = () => performance.now(),
): SharedRateGate {
  const known = new Map<string, Known>();

  return {
    ...gate,
    pause(key, ...rest) {
      gate.pause(key, ...rest);
      tell(key);
    },
    spend(key, ...rest) {
      gate.spend(key, ...rest);
      tell(key);
    },
    leave(key, outcome) {
      gate.leave(key, outcome);
      if (outcome === 'success') tell(key);
    },

    async adopt() {
      for (const { gate: key, pausedMs, round } of await table.shut()) {
        const old = known.get(key);
        if (old && old.round >= round) continue;
        known.set(key, { until: now() + pausedMs, places: 1, round, told: Promise.resolve() });
        gate.pause(key, pausedMs, 'another process was asked to wait');
      }
    },
  };

  /** Tells the others what has changed, if anything has. */
  function tell(key: string): void {
    const { pausedMs, places, fails, isRefused } = gate.look(key);
    const old = known.get(key);
    if (isRefused || (places === null && !old)) return;
    if (pausedMs > 0) {
      const until = now() + pausedMs;
      if (old && until <= old.until + SAME_PAUSE_MS && old.until > now()) return;
      const entry = old ?? { until, places: 1, round: 0, told: Promise.resolve() };
      Object.assign(entry, { until, places: 1 });
      known.set(key, entry);
      then(entry, async () => {
        entry.round = Math.max(entry.round, await table.pause(key, pausedMs, fails));
      });
    } else if (old && places !== old.places) {
      if (places === null) known.delete(key);
      else old.places = places;
      then(old, () => table.open(key, places, old.round));
    }
  }

  function then(entry: Known, run: () => Promise<void>): void {
    entry.told = entry.told.then(run).catch((error: unknown) => {
      if (!isAway(error)) log.error({ error }, 'pause not shared');
    });
  }
}
