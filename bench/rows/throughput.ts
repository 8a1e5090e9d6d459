import type { Effort, FloorAsk } from '../floor';
import type { Figure, Lab, Row } from '../lab';
import { median, spread } from '../statistics';

type Kind = FloorAsk['kind'];
/** What all images of a round took, one after the other by each side. */
interface Rounds {
  readonly images: number;
  readonly service: Effort[];
  readonly floors: Record<Kind, Effort[]>;
  /** What source and Imgur took of a core while the service was at work, as a share. */
  readonly fakes: number[];
}

/** One takes a third of a second: long enough to be meant, short enough to be hit by anything. */
const ROUNDS = 11;

const ROWS = { 'node-fetch': 'throughput', 'node-http': 'throughput-http' } as const;
const LEAST_RATE = { 'node-fetch': 0.95, 'node-http': 0.5 } as const;
const MOST_CPU = { 'node-fetch': 1, 'node-http': 1.5 } as const;

export const throughput: Row = { name: ROWS['node-fetch'], measure: against('node-fetch') };
export const throughputHttp: Row = { name: ROWS['node-http'], measure: against('node-http') };

function against(kind: Kind): (lab: Lab) => Promise<Figure[]> {
  return async (lab) => {
    const { images, service, floors, fakes } = await lab.once('throughput', () => rounds(lab));
    const rates = (efforts: readonly Effort[]): number[] =>
      efforts.map(({ ms }) => (1000 * images) / ms);
    const costs = (efforts: readonly Effort[]): number[] =>
      efforts.map(({ cpuMs }) => cpuMs / images);
    const floor = floors[kind];
    return [
      {
        what: `images/s over bare ${kind}`,
        unit: '',
        ...ratio(rates(service), rates(floor)),
        limit: { at: 'least', value: LEAST_RATE[kind] },
        details:
          `${spread(rates(service), 0)} images/s, floor ${spread(rates(floor), 0)}; ` +
          `source and Imgur take ${(100 * median(fakes)).toFixed(0)} % of another core`,
      },
      {
        what: `CPU per image over bare ${kind}`,
        unit: '',
        ...ratio(costs(service), costs(floor)),
        limit: { at: 'most', value: MOST_CPU[kind] },
        details: `${spread(costs(service), 3)} ms, floor ${spread(costs(floor), 3)} ms`,
      },
    ];
  };
}

function ratio(ours: readonly number[], floor: readonly number[]) {
  const samples = ours.map((each, round) => each / (floor[round] ?? NaN));
  return { value: median(samples), samples };
}

/** All sides in turns, so that whatever else the machine does meets all of them. */
async function rounds(lab: Lab): Promise<Rounds> {
  const images = lab.size(1500, 300);
  const kinds = (['node-fetch', 'node-http'] as const).filter((kind) => lab.isSelected(ROWS[kind]));
  await lab.service();
  const measured: Rounds = {
    images,
    service: [],
    floors: { 'node-fetch': [], 'node-http': [] },
    fakes: [],
  };
  for (const kind of kinds) {
    lab.progress(`throughput: warming the floor of ${kind}`);
    await lab.floor({ kind, urls: lab.pictures(images) });
    await lab.floor({ kind, urls: lab.pictures(images) });
  }
  const count = lab.size(ROUNDS, 3);
  for (let round = 1; round <= count; round += 1) {
    lab.progress(`throughput: round ${round} of ${count}`);
    const fakesBefore = await lab.fakesCpuMs();
    const effort = await byService(lab, images);
    measured.service.push(effort);
    measured.fakes.push(((await lab.fakesCpuMs()) - fakesBefore) / effort.ms);
    for (const kind of kinds) {
      measured.floors[kind].push(await lab.floor({ kind, urls: lab.pictures(images) }));
    }
  }
  return measured;
}

async function byService(lab: Lab, images: number): Promise<Effort> {
  const service = await lab.service();
  const cpuMs = async (): Promise<number> => {
    const { user, system } = await service.probe.ask<NodeJS.CpuUsage>({ type: 'cpu' });
    return (user + system) / 1000;
  };
  const before = await cpuMs();
  const ms = await lab.relay(service, lab.pictures(images));
  return { ms, cpuMs: (await cpuMs()) - before };
}
