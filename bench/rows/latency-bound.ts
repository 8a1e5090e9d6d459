import { CONCURRENCY, type Row } from '../lab';
import { median } from '../statistics';

const [SOURCE_MS, IMGUR_MS] = [50, 100];

export const latencyBound: Row = {
  name: 'latency-bound',
  async measure(lab) {
    const service = await lab.service();
    await lab.setImgur({ delayMs: IMGUR_MS });
    const ideal = (300 / CONCURRENCY) * (SOURCE_MS + IMGUR_MS);
    const times: number[] = [];
    const rounds = lab.size(5, 1);
    for (let round = 1; round <= rounds; round += 1) {
      lab.progress(`latency-bound: round ${round} of ${rounds}`);
      times.push(await lab.relay(service, lab.pictures(300, { delayMs: SOURCE_MS })));
    }
    await lab.setImgur({});
    const samples = times.map((ms) => ms / ideal);
    return [
      {
        what: '300 images that wait 150 ms each, over the ideal',
        unit: '',
        value: median(samples),
        limit: { at: 'most', value: 1.15 },
        samples,
        details: `${median(times)} ms, ideal ${ideal.toFixed(0)} ms`,
      },
    ];
  },
};
