import type { Row } from '../lab';
import { median } from '../statistics';

const BYTES = 9_000_000;
const EACH_MS = 2000;

export const overlap: Row = {
  name: 'overlap',
  async measure(lab) {
    const service = await lab.service();
    const samples: number[] = [];
    const times: number[] = [];
    const rounds = lab.size(3, 1);
    for (let round = 1; round <= rounds; round += 1) {
      lab.progress(`overlap: round ${round} of ${rounds}`);
      // The slower of the two, as it is without any relay: a picture that is sent from memory to
      // this Imgur, and one that is fetched from this source by somebody who throws it away.
      await lab.setImgur({ spreadMs: EACH_MS });
      const send = lab.floor({ kind: 'node-http', urls: lab.pictures(1, { bytes: BYTES }) });
      const both = lab.relay(service, lab.pictures(1, { bytes: BYTES, spreadMs: EACH_MS }));
      const [{ ms: sendMs }, bothMs] = await Promise.all([send, both]);
      await lab.setImgur({});
      const { ms: fetchMs } = await lab.floor({
        kind: 'node-http',
        urls: lab.pictures(1, { bytes: BYTES, spreadMs: EACH_MS }),
      });
      times.push(bothMs);
      samples.push(bothMs / Math.max(sendMs, fetchMs));
    }
    return [
      {
        what: 'a picture slow to fetch and to send, over the slower of the two',
        unit: '',
        value: median(samples),
        limit: { at: 'most', value: 1.1 },
        samples,
        details: `${median(times)} ms for ${EACH_MS} ms each way`,
      },
    ];
  },
};
