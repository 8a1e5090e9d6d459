import type { Lab, Row } from '../lab';
import type { Service } from '../service';
import { median } from '../statistics';

const TINY = { bytes: 1000 };
const POLL_MS = 50;
/** Each takes a few seconds, of which the machine may spend some elsewhere. */
const ROUNDS = 7;

interface Times {
  /** Milliseconds for each image. */
  readonly small: number[];
  readonly large: number[];
  readonly polled: number[];
  readonly polls: number[];
}

export const growth: Row = {
  name: 'growth',
  async measure(lab) {
    const { small, large } = await lab.once('large jobs', () => times(lab));
    const samples = large.map((ms, round) => ms / (small[round] ?? NaN));
    return [
      {
        what: 'time per image in a job of 10,000 over one of 1,000',
        unit: '',
        value: median(samples),
        limit: { at: 'most', value: 1.15 },
        samples,
        details: `${median(large).toFixed(3)} ms over ${median(small).toFixed(3)} ms`,
      },
    ];
  },
};

export const polling: Row = {
  name: 'polling',
  async measure(lab) {
    const { large, polled, polls } = await lab.once('large jobs', () => times(lab));
    const samples = polled.map((ms, round) => (large[round] ?? NaN) / ms);
    return [
      {
        what: 'images/s of a job of 10,000 polled 20 times a second, over unpolled',
        unit: '',
        value: median(samples),
        limit: { at: 'least', value: 0.9 },
        samples,
        details: `p50 of a poll ${median(polls).toFixed(1)} ms, ${polls.length} polls`,
      },
    ];
  },
};

async function times(lab: Lab): Promise<Times> {
  const service = await lab.service();
  const images = lab.size(10_000, 2000);
  const measured: Times = { small: [], large: [], polled: [], polls: [] };
  const rounds = lab.size(ROUNDS, 1);
  for (let round = 1; round <= rounds; round += 1) {
    lab.progress(`large jobs: round ${round} of ${rounds}`);
    if (lab.isSelected('growth')) measured.small.push(await smallJobs(lab, service));
    measured.large.push((await lab.relay(service, lab.pictures(images, TINY))) / images);
    if (!lab.isSelected('polling')) continue;
    lab.progress(`large jobs: round ${round} of ${rounds}, polled`);
    measured.polled.push((await pollWhile(service, lab, images, measured.polls)) / images);
  }
  return measured;
}

async function smallJobs(lab: Lab, service: Service): Promise<number> {
  const each: number[] = [];
  for (let job = 0; job < lab.size(5, 1); job += 1) {
    each.push((await lab.relay(service, lab.pictures(1000, TINY))) / 1000);
  }
  return median(each);
}

/** Runs a large job and asks for its state at an even pace. */
async function pollWhile(
  service: Service,
  lab: Lab,
  images: number,
  polls: number[],
): Promise<number> {
  const startedAt = Date.now();
  const jobId = await service.submit(lab.pictures(images, TINY));
  const timer = setInterval(() => {
    void service.client.get(`/v1/images/upload/${jobId}`).then(({ ms, status }) => {
      if (status === 200) polls.push(ms);
    });
  }, POLL_MS);
  try {
    const { endedAt, complete } = await service.ended(jobId);
    if (complete !== images) throw new Error(`Expected ${images} images, got ${complete}`);
    return endedAt - startedAt;
  } finally {
    clearInterval(timer);
  }
}
