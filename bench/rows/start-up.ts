import type { Row } from '../lab';
import { median } from '../statistics';

export const startUp: Row = {
  name: 'start-up',
  async measure(lab) {
    const samples: number[] = [];
    for (let round = 1; round <= 3; round += 1) {
      lab.progress(`start-up: round ${round} of 3`);
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
        limit: { at: 'most', value: 6 },
        samples,
        details: '',
      },
    ];
  },
};
