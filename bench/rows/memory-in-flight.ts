import { setTimeout as wait } from 'node:timers/promises';
import type { Figure, Lab, Row } from '../lab';
import { residentBytes } from '../../test/support/resident-memory';
import type { Service } from '../service';
import { median } from '../statistics';

const IMAGES = 64;
const BYTES = 9_000_000;

/** In megabytes, each with all images under way. */
interface Growth {
  /** What cannot be collected while all are half sent. */
  readonly held: number;
  /** The most that the process took from the system, until all had ended. */
  readonly resident: number;
}

export const memoryInFlight: Row = {
  name: 'memory-in-flight',
  async measure(lab) {
    const places = { CONCURRENCY: String(IMAGES), CONCURRENCY_PER_SOURCE: String(IMAGES) };
    const all: Growth[] = [];
    const rounds = lab.size(3, 1);
    for (let round = 1; round <= rounds; round += 1) {
      lab.progress(`memory in flight: round ${round} of ${rounds}`);
      const probed = { probe: true };
      all.push(await lab.withService(places, probed, (service) => growth(lab, service)));
    }
    const figure = (what: string, samples: readonly number[], most: number): Figure => ({
      what: `${what} ${IMAGES} images of 9 MB under way`,
      unit: 'MB',
      value: median(samples),
      limit: { at: 'most', value: most },
      samples,
      details: 'each time in a new process',
    });
    const [held, resident] = [all.map((each) => each.held), all.map((each) => each.resident)];
    return [
      figure('held, after collection, by', held, 20),
      figure('growth of resident memory with', resident, 100),
    ];
  },
};

async function growth(lab: Lab, service: Service): Promise<Growth> {
  // Only enough for the code to be loaded: after many images the process holds so much free memory
  // that whatever 64 large ones cost would be hidden in it.
  await lab.relay(service, lab.pictures(IMAGES, { bytes: 2000 }));
  const [before, heldBefore] = [residentBytes(service.pid), await held(service)];
  const { bytes: sentBefore } = await lab.imgurStats();
  let most = 0;
  const look = (): void => {
    most = Math.max(most, residentBytes(service.pid) - before);
  };
  const done = lab.relay(service, lab.halfPictures(IMAGES, BYTES));
  const isHalfWay = async (): Promise<boolean> =>
    (await lab.askSource<number>({ type: 'held' })) === IMAGES &&
    (await lab.imgurStats()).bytes - sentBefore > 0.95 * IMAGES * (BYTES / 2);
  while (!(await isHalfWay())) {
    look();
    await wait(20);
  }
  look();
  const heldHalfWay = await held(service);
  await lab.askSource({ type: 'finish' });
  const timer = setInterval(look, 20);
  await done;
  clearInterval(timer);
  return { held: (heldHalfWay - heldBefore) / 1e6, resident: most / 1e6 };
}

/** In bytes; buffers outside of the heap included. */
async function held({ probe }: Service): Promise<number> {
  const memory = await probe.ask<NodeJS.MemoryUsage>({ type: 'memoryAfterGc' });
  return memory.heapUsed + memory.external;
}
