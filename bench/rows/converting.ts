import { childMemory } from '../../lib/images/convert/child-process';
import type { Lab, Row } from '../lab';
import { watchMemory } from '../memory-watch';
import { residentBytes } from '../../test/support/resident-memory';
import type { Service } from '../service';
import { median } from '../statistics';

const [SOURCE_MS, IMGUR_MS] = [50, 100];
const [JPEGS, WEBPS] = [300, 100];
/** The default of CONVERT_MAX_PIXELS. */
const MAX_PIXELS = 16_000_000;

export const converting: Row = {
  name: 'converting',
  async measure(lab) {
    if (!(await lab.askSource<boolean>({ type: 'webp' }))) {
      lab.progress('converting: left out, as sharp, an optional dependency, is missing');
      return [];
    }
    await lab.setImgur({ delayMs: IMGUR_MS });
    const figures = await lab.withService({}, {}, (service) => measure(lab, service));
    await lab.setImgur({});
    return figures;
  },
};

async function measure(lab: Lab, service: Service) {
  const [jpegs, webps] = [lab.size(JPEGS, 100), lab.size(WEBPS, 10)];
  const relayJpegs = () => lab.relay(service, lab.pictures(jpegs, { delayMs: SOURCE_MS }));
  lab.progress('converting: warming a service without a WebP');
  for (let warm = 0; warm < lab.size(4, 1); warm += 1) await relayJpegs();
  const before = residentBytes(service.pid);
  const watch = watchMemory(service.pid);
  const alone: number[] = [];
  const beside: number[] = [];
  const conversions: number[] = [];
  const rounds = lab.size(3, 1);
  for (let round = 1; round <= rounds; round += 1) {
    lab.progress(`converting: round ${round} of ${rounds}`);
    alone.push(await relayJpegs());
    const pictures = lab.pictures(webps, { bytes: 'webp', delayMs: SOURCE_MS });
    const converted = lab.relay(service, pictures);
    beside.push(await relayJpegs());
    conversions.push((await converted) / webps);
  }
  watch.stop();
  const samples = beside.map((ms, round) => ms / (alone[round] ?? NaN));
  const growth = (watch.most - before) / 1e6;
  const child = watch.mostOfChildren / 1e6;
  return [
    {
      what: `${jpegs} JPEGs beside ${webps} WebP of one megapixel, over alone`,
      unit: '' as const,
      value: median(samples),
      limit: { at: 'most' as const, value: 1.2 },
      samples,
      details:
        `${median(beside)} ms beside, ${median(alone)} ms alone; ` +
        `a WebP takes ${median(conversions).toFixed(0)} ms in all`,
    },
    {
      what: 'growth of resident memory with them',
      unit: 'MB' as const,
      value: growth,
      limit: { at: 'most' as const, value: 60 },
      samples: [growth],
      details: `over ${(before / 1e6).toFixed(0)} MB, in all rounds together`,
    },
    {
      what: 'resident memory of the child that converts',
      unit: 'MB' as const,
      value: child,
      limit: { at: 'most' as const, value: Math.round(childMemory(MAX_PIXELS) / 1e6) },
      samples: [child],
      details: 'at the most; the target is its limit',
    },
  ];
}
