import type { FloorAsk } from '../floor';
import type { Figure, Lab, Row } from '../lab';
import { median } from '../statistics';

type Kind = FloorAsk['kind'];
interface Rates {
  readonly service: number[];
  readonly floors: Partial<Record<Kind, number[]>>;
}

/** One takes a third of a second: long enough to be meant, short enough to be hit by anything. */
const ROUNDS = 11;

const ROWS = { 'node-fetch': 'throughput', 'node-http': 'throughput-http' } as const;
const LEAST = { 'node-fetch': 0.95, 'node-http': 0.65 } as const;

export const throughput: Row = { name: ROWS['node-fetch'], measure: against('node-fetch') };
export const throughputHttp: Row = { name: ROWS['node-http'], measure: against('node-http') };

function against(kind: Kind): (lab: Lab) => Promise<Figure[]> {
  return async (lab) => {
    const { service, floors } = await lab.once('throughput', () => rates(lab));
    const floor = floors[kind] ?? [];
    const samples = service.map((rate, round) => rate / (floor[round] ?? NaN));
    return [
      {
        what: `images/s over bare ${kind}`,
        unit: '',
        value: median(samples),
        limit: { at: 'least', value: LEAST[kind] },
        samples,
        details: `${median(service).toFixed(0)} images/s, floor ${median(floor).toFixed(0)}`,
      },
    ];
  };
}

/** Images a second, in turns, so that whatever else the machine does meets all of them. */
async function rates(lab: Lab): Promise<Rates> {
  const images = lab.size(1500, 300);
  const kinds = (['node-fetch', 'node-http'] as const).filter((kind) => lab.isSelected(ROWS[kind]));
  const service = await lab.service();
  const measured: Rates = { service: [], floors: {} };
  for (const kind of kinds) {
    lab.progress(`throughput: warming the floor of ${kind}`);
    await lab.floor({ kind, urls: lab.pictures(images) });
    await lab.floor({ kind, urls: lab.pictures(images) });
  }
  for (let round = 1; round <= ROUNDS; round += 1) {
    lab.progress(`throughput: round ${round} of ${ROUNDS}`);
    measured.service.push(perSecond(images, await lab.relay(service, lab.pictures(images))));
    for (const kind of kinds) {
      const ms = await lab.floor({ kind, urls: lab.pictures(images) });
      (measured.floors[kind] ??= []).push(perSecond(images, ms));
    }
  }
  return measured;
}

function perSecond(images: number, ms: number): number {
  return (1000 * images) / ms;
}
