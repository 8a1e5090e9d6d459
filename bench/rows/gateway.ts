import { setTimeout as wait } from 'node:timers/promises';
import { startBareGateway } from '../bare-gateway';
import type { HttpClient } from '../http-client';
import type { Row } from '../lab';
import { median } from '../statistics';

/** Leaves the image of one submission the time to be done before the next one is made. */
const PAUSE_MS = 8;

export const gateway: Row = {
  name: 'gateway',
  async measure(lab) {
    const service = await lab.service();
    lab.progress('gateway: starting a function that returns at once');
    const bare = await startBareGateway();
    try {
      const ours: number[] = [];
      const floor: number[] = [];
      const submission = (): string => JSON.stringify({ urls: lab.pictures(1, { bytes: 2000 }) });
      await p50(bare.client, lab.size(500, 100), submission);
      for (let round = 1; round <= 3; round += 1) {
        lab.progress(`gateway: round ${round} of 3`);
        ours.push(await p50(service.client, lab.size(300, 50), submission));
        floor.push(await p50(bare.client, lab.size(300, 50), submission));
      }
      const samples = ours.map((ms, round) => ms / (floor[round] ?? NaN));
      return [
        {
          what: 'p50 of POST over a function that returns at once',
          unit: '',
          value: median(samples),
          limit: { at: 'most', value: 1.3 },
          samples,
          details: `${median(ours).toFixed(2)} ms, floor ${median(floor).toFixed(2)} ms`,
        },
      ];
    } finally {
      await bare.stop();
    }
  },
};

async function p50(client: HttpClient, posts: number, body: () => string): Promise<number> {
  const times: number[] = [];
  for (let post = 0; post < posts; post += 1) {
    const { status, ms } = await client.post('/v1/images/upload', body());
    if (status !== 202) throw new Error(`Expected 202 to a submission, got ${status}`);
    times.push(ms);
    await wait(PAUSE_MS);
  }
  return median(times);
}
