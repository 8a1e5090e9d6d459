import { setTimeout as wait } from 'node:timers/promises';
import type { Figure, Lab, Row } from '../lab';
import { median } from '../statistics';

/** Until what the start left behind has been collected, or would have been. */
const SETTLE_MS = 2000;

export const startUp: Row = {
  name: 'start-up',
  async measure(lab) {
    const samples: number[] = [];
    const rounds = lab.size(5, 1);
    for (let round = 1; round <= rounds; round += 1) {
      lab.progress(`start-up: round ${round} of ${rounds}`);
      const startedAt = performance.now();
      await lab.withService({}, { npm: true }, async ({ client }) => {
        const { status } = await client.get('/health');
        if (status !== 200) throw new Error(`Expected 200 from /health, got ${status}`);
        samples.push((performance.now() - startedAt) / 1000);
      });
    }
    return [
      {
        what: 'from npm start to the first answer',
        unit: 's',
        value: median(samples),
        limit: { at: 'most', value: 3 },
        samples,
        details: `${rounds} starts`,
      },
      await atRest(lab),
    ];
  },
};

async function atRest(lab: Lab): Promise<Figure> {
  lab.progress('start-up: at rest');
  const value = await lab.withService({}, { probe: true }, async ({ client, probe }) => {
    await client.get('/health');
    await wait(SETTLE_MS);
    const { rss } = await probe.ask<NodeJS.MemoryUsage>({ type: 'memory' });
    return rss / 1e6;
  });
  return {
    what: 'resident memory at rest',
    unit: 'MB',
    value,
    limit: { at: 'most', value: 170 },
    samples: [value],
    details: 'of the process that serves',
  };
}
