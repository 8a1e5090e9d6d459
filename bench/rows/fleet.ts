import { hasPostgres, startCluster } from '../../test/support/postgres-cluster';
import { CONCURRENCY, WARM_UP_IMAGES, type Figure, type Lab, type Row } from '../lab';
import { startService, type Service } from '../service';
import { median } from '../statistics';

const [SOURCE_MS, IMGUR_MS] = [50, 100];
const SIZES = [1, 3, 5] as const;

export const fleet: Row = {
  name: 'fleet',
  async measure(lab) {
    if (!hasPostgres) {
      lab.progress('fleet: left out, as there is no PostgreSQL');
      return [];
    }
    const cluster = await startCluster({ durable: true });
    const services: Service[] = [];
    try {
      await lab.setImgur({ delayMs: IMGUR_MS });
      const settings = lab.settings({
        DATABASE_URL: await cluster.newDatabase(),
        // As many as all of them have places.
        CONCURRENCY_PER_SOURCE: String(CONCURRENCY * Math.max(...SIZES)),
      });
      services.push(await startService({ ...settings, ROLE: 'api' }));
      const figures: Figure[] = [];
      let alone: number[] = [];
      for (const workers of SIZES) {
        while (services.length <= workers) {
          services.push(await startService({ ...settings, ROLE: 'worker' }));
        }
        const rates = await ratesOf(lab, services, workers);
        if (workers === 1) alone = rates;
        else figures.push(figureOf(workers, rates, alone));
      }
      return figures;
    } finally {
      await Promise.all(services.map((service) => service.stop()));
      await lab.setImgur({});
      await cluster.close();
    }
  },
};

/** Images a second, for each round. */
async function ratesOf(lab: Lab, services: readonly Service[], workers: number): Promise<number[]> {
  const relay = async (images: number): Promise<number> => {
    const urls = lab.pictures(images, { bytes: 10_000, delayMs: SOURCE_MS });
    const startedAt = Date.now();
    const [api] = services;
    if (!api) throw new Error('Expected a service that takes calls, got none');
    const jobId = await api.submit(urls);
    // Whoever writes the last result tells of the end.
    const ended = await Promise.race(services.map((service) => service.ended(jobId)));
    if (ended.complete !== images)
      throw new Error(`Expected ${images} images, got ${ended.complete}`);
    return (1000 * images) / (ended.endedAt - startedAt);
  };
  lab.progress(`fleet: warming ${workers}`);
  // Each worker has relayed as many as the one alone: what has run often takes half of the CPU.
  for (let n = 0; n < workers; n += 1) await relay(lab.size(WARM_UP_IMAGES, 50));
  const rates: number[] = [];
  const rounds = lab.size(3, 1);
  for (let round = 1; round <= rounds; round += 1) {
    lab.progress(`fleet of ${workers}: round ${round} of ${rounds}`);
    rates.push(await relay(lab.size(3000, 200)));
  }
  return rates;
}

function figureOf(workers: number, rates: readonly number[], alone: readonly number[]): Figure {
  const samples = rates.map((rate) => rate / (workers * median(alone)));
  const [many, one] = [median(rates).toFixed(0), median(alone).toFixed(0)];
  return {
    what: `images/s of ${workers} workers on one PostgreSQL, over ${workers} times those of one`,
    unit: '',
    value: median(samples),
    limit: { at: 'least', value: 0.9 },
    samples,
    details: `${many} images/s, ${one} of one worker`,
  };
}
