import { setTimeout as wait } from 'node:timers/promises';
import { startBareGateway } from '../bare-gateway';
import type { HttpClient } from '../http-client';
import type { Lab, Row } from '../lab';
import { median } from '../statistics';

/** Leaves the image of one submission the time to be done before the next one is made. */
const PAUSE_MS = 8;
const POSTS_PER_TURN = 30;
const COLD_POSTS = 10;

export const gateway: Row = {
  name: 'gateway',
  async measure(lab) {
    const service = await lab.service();
    lab.progress('gateway: starting a function that returns at once');
    const bare = await startBareGateway();
    try {
      const ours: number[] = [];
      const floor: number[] = [];
      await alternate(lab, service.client, bare.client, lab.size(12, 2));
      const rounds = lab.size(3, 1);
      for (let round = 1; round <= rounds; round += 1) {
        lab.progress(`gateway: round ${round} of ${rounds}`);
        const times = await alternate(lab, service.client, bare.client, lab.size(12, 2));
        ours.push(median(times.ours));
        floor.push(median(times.floor));
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

/**
 * Now some to the one, now some to the other: whatever else the machine does meets both. The first
 * of each turn do not count, as the other's turn has left cold caches.
 */
async function alternate(
  lab: Lab,
  ours: HttpClient,
  floor: HttpClient,
  turns: number,
): Promise<{ ours: number[]; floor: number[] }> {
  const times: { ours: number[]; floor: number[] } = { ours: [], floor: [] };
  for (let turn = 0; turn < turns; turn += 1) {
    times.ours.push(...(await timesOf(lab, ours)));
    times.floor.push(...(await timesOf(lab, floor)));
  }
  return times;
}

async function timesOf(lab: Lab, client: HttpClient): Promise<number[]> {
  const times: number[] = [];
  for (let post = 0; post < POSTS_PER_TURN; post += 1) {
    const body = JSON.stringify({ urls: lab.pictures(1, { bytes: 2000 }) });
    const { status, ms } = await client.post('/v1/images/upload', body);
    if (status !== 202) throw new Error(`Expected 202 to a submission, got ${status}`);
    if (post >= COLD_POSTS) times.push(ms);
    await wait(PAUSE_MS);
  }
  return times;
}
