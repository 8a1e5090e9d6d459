import type { Row } from '../lab';
import { median } from '../statistics';

const JOB = 1000;

export const memoryAtRest: Row = {
  name: 'memory-at-rest',
  measure: (lab) =>
    lab.withService({}, { probe: true }, async (service) => {
      const heap = async (): Promise<number> => {
        const memory = await service.probe.ask<NodeJS.MemoryUsage>({ type: 'memoryAfterGc' });
        // Strings that came out of buffers may lie outside of the heap.
        return memory.heapUsed + memory.external;
      };
      const relay = async (jobs: number): Promise<void> => {
        for (let job = 0; job < jobs; job += 1) {
          await lab.relay(service, lab.pictures(JOB, { bytes: 1000 }));
        }
      };
      lab.progress('memory at rest: warming the service');
      await relay(lab.size(2, 1));
      const samples: number[] = [];
      const jobs = lab.size(50, 3);
      let [before, done] = [await heap(), 0];
      for (const end of [0.34, 0.67, 1].map((share) => Math.round(jobs * share))) {
        lab.progress(`memory at rest: ${done * JOB} of ${jobs * JOB} images`);
        await relay(end - done);
        const after = await heap();
        samples.push((after - before) / ((end - done) * JOB));
        [before, done] = [after, end];
      }
      return [
        {
          what: 'growth of the heap for each finished image, after collection',
          unit: 'bytes',
          value: median(samples),
          limit: { at: 'most', value: 500 },
          samples,
          details: `over ${jobs * JOB} images; in thirds`,
        },
      ];
    }),
};
