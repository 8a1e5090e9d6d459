import { setTimeout as wait } from 'node:timers/promises';
import type { Lab, Row } from '../lab';
import { residentBytes } from '../../test/support/resident-memory';
import type { Service } from '../service';
import { median } from '../statistics';

const IMAGES = 64;
const BYTES = 9_000_000;

export const memoryInFlight: Row = {
  name: 'memory-in-flight',
  async measure(lab) {
    const places = { CONCURRENCY: String(IMAGES), CONCURRENCY_PER_SOURCE: String(IMAGES) };
    const samples: number[] = [];
    const rounds = lab.size(3, 1);
    for (let round = 1; round <= rounds; round += 1) {
      lab.progress(`memory in flight: round ${round} of ${rounds}`);
      samples.push(await lab.withService(places, {}, (service) => growth(lab, service)));
    }
    return [
      {
        what: `growth of resident memory with ${IMAGES} images of 9 MB under way`,
        unit: 'MB',
        value: median(samples),
        limit: { at: 'most', value: 40 },
        samples,
        details: 'the most that was seen, each time in a new process',
      },
    ];
  },
};

/** The most that the process grows by while all are under way, half sent, and while they end. */
async function growth(lab: Lab, service: Service): Promise<number> {
  // Only enough for the code to be loaded: after many images the process holds so much free memory
  // that whatever 64 large ones cost would be hidden in it.
  await lab.relay(service, lab.pictures(IMAGES, { bytes: 2000 }));
  const before = residentBytes(service.pid);
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
  await lab.askSource({ type: 'finish' });
  const timer = setInterval(look, 20);
  await done;
  clearInterval(timer);
  return most / 1_000_000;
}
