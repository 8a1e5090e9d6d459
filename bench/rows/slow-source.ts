import type { Row } from '../lab';
import { median } from '../statistics';

/** Enough for the row to last for as long as the machine can be measured with some precision. */
const DELAY_MS = 10;
const STALLED = 200;

export const slowSource: Row = {
  name: 'slow-source',
  measure: (lab) =>
    lab.withService({ CONCURRENCY_PER_SOURCE: '8' }, {}, async (service) => {
      const fast = (): string[] =>
        lab.pictures(lab.size(500, 100), { delayMs: DELAY_MS, host: 'fast.localhost' });
      lab.progress('slow source: warming a service with the default of places for one source');
      for (let warm = 0; warm < lab.size(4, 1); warm += 1) await lab.relay(service, fast());
      const without: number[] = [];
      const beside: number[] = [];
      const rounds = lab.size(3, 1);
      for (let round = 1; round <= rounds; round += 1) {
        lab.progress(`slow source: round ${round} of ${rounds}`);
        without.push(await lab.relay(service, fast()));
        await lab.askSource({ type: 'stall' });
        const stalled = service.relay(lab.pictures(STALLED, { host: 'stalled.localhost' }));
        beside.push(await lab.relay(service, fast()));
        await lab.askSource({ type: 'release' });
        await stalled;
      }
      const samples = beside.map((ms, round) => ms / (without[round] ?? NaN));
      return [
        {
          what: `images of a fast host beside ${STALLED} of a stalled one, over without`,
          unit: '',
          value: median(samples),
          limit: { at: 'most', value: 1.2 },
          samples,
          details: `${median(beside)} ms beside, ${median(without)} ms without`,
        },
      ];
    }),
};
