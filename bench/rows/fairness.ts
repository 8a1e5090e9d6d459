import type { Row } from '../lab';
import { median } from '../statistics';

const DELAY_MS = 50;

export const fairness: Row = {
  name: 'fairness',
  async measure(lab) {
    const service = await lab.service();
    const one = (): Promise<number> => lab.relay(service, lab.pictures(1, { delayMs: DELAY_MS }));
    await lab.setImgur({ delayMs: DELAY_MS });
    lab.progress('fairness: one-image jobs alone');
    const alone: number[] = [];
    for (let job = 0; job < lab.size(15, 5); job += 1) alone.push(await one());

    lab.progress('fairness: one-image jobs amid a large one');
    const amid: number[] = [];
    let isOver = false;
    const images = lab.pictures(lab.size(3000, 500), { delayMs: DELAY_MS });
    const large = lab.relay(service, images).then(() => (isOver = true));
    while (amid.length < lab.size(40, 8)) {
      const ms = await one();
      // The flag is set while this waits.
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition
      if (isOver) break;
      amid.push(ms);
    }
    await large;
    await lab.setImgur({});
    const samples = amid.map((ms) => ms / median(alone));
    return [
      {
        what: 'a one-image job amid a large one, over alone',
        unit: '',
        value: median(samples),
        limit: { at: 'most', value: 1.5 },
        samples,
        details: `${median(amid)} ms amid, ${median(alone)} ms alone, ${amid.length} jobs`,
      },
    ];
  },
};
