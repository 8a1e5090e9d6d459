import { setTimeout as wait } from 'node:timers/promises';
import type { Lab, Row } from '../lab';
import type { Service } from '../service';
import { median, percentile } from '../statistics';

const EVERY_MS = 20;
/** A busy one is over in little more than a second: its p99 is nearly the slowest of 70. */
const ROUNDS = 5;

export const latency: Row = {
  name: 'latency',
  async measure(lab) {
    const service = await lab.service();
    const [idle, busy]: [number[], number[]] = [[], []];
    const rounds = lab.size(ROUNDS, 1);
    for (let round = 1; round <= rounds; round += 1) {
      lab.progress(`latency: round ${round} of ${rounds}`);
      const quietMs = lab.size(5000, 1000);
      idle.push(await p99(lab, service, wait(quietMs)));
      busy.push(await p99(lab, service, lab.relay(service, lab.pictures(lab.size(6000, 1000)))));
    }
    const ratios = busy.map((ms, round) => ms / (idle[round] ?? NaN));
    const details = `p99 ${median(busy).toFixed(1)} ms busy, ${median(idle).toFixed(1)} ms idle`;
    return [
      {
        what: 'p99 of POST, busy over idle',
        unit: '',
        value: median(ratios),
        limit: { at: 'most', value: 4 },
        samples: ratios,
        details,
      },
      {
        what: 'p99 of POST, busy',
        unit: 'ms',
        value: median(busy),
        limit: { at: 'most', value: 60 },
        samples: busy,
        details,
      },
    ];
  },
};

/**
 * Submits one-image jobs at an even pace until `end`, whether or not the ones before have been
 * answered: who waits for an answer before asking again does not see how slow it can get.
 */
async function p99(lab: Lab, service: Service, end: Promise<unknown>): Promise<number> {
  const posts: Promise<number>[] = [];
  const timer = setInterval(() => {
    const body = JSON.stringify({ urls: lab.pictures(1, { bytes: 2000 }) });
    posts.push(
      service.client.post('/v1/images/upload', body).then(({ status, ms }) => {
        if (status !== 202) throw new Error(`Expected 202 to a submission, got ${status}`);
        return ms;
      }),
    );
  }, EVERY_MS);
  try {
    await end;
  } finally {
    clearInterval(timer);
  }
  return percentile(await Promise.all(posts), 0.99);
}
