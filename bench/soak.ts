import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { residentBytes } from '../test/support/resident-memory';
import { machine } from './machine';
import { startPart } from './part';
import { startService, type Service } from './service';
import { SoakJobs } from './soak-jobs';
import { mean, median, percentile } from './statistics';

/*
 * Steady load for minutes, of which a part goes wrong in every way there is. Ends with 1 if memory
 * grows after the warm-up by more than is allowed, or if an image is not accounted for.
 */

const MOST_GROWTH = 0.1;
const WARM_UP_MS = 120_000;
const SAMPLE_MS = 5000;
/** Imgur's rate limit: every so often it refuses all uploads for a moment. */
const REFUSE_EVERY_MS = 45_000;
const REFUSE_MS = 1000;
const FAULT_PERCENT = 5;
/** What is left at the end has this long to get through its tries. */
const SETTLE_MS = 60_000;

/** Bounds that are reached within the warm-up, and limits that let faults end soon. */
const SETTINGS = {
  IMGUR_CLIENT_ID: 'soak',
  DOWNLOAD_ALLOWED_NETWORKS: '127.0.0.0/8',
  CONCURRENCY: '64',
  MAX_IMAGE_BYTES: '5000000',
  MAX_FINISHED_IMAGES: '8000',
  MAX_LINKS: '8000',
  CONNECT_TIMEOUT_MS: '1000',
  STALL_TIMEOUT_MS: '1000',
  DOWNLOAD_TIMEOUT_MS: '5000',
  UPLOAD_TIMEOUT_MS: '5000',
  RETRY_DELAY_MS: '200',
};

interface Sample {
  readonly atMs: number;
  readonly residentMb: number;
  readonly heapMb: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { minutes: { type: 'string' }, rate: { type: 'string' } },
  });
  const minutes = Number(values.minutes ?? 10);
  const rate = Number(values.rate ?? 250);
  if (!(minutes > 0) || !(rate > 0)) throw new Error('Expected --minutes and --rate over 0');
  const totalMs = minutes * 60_000;
  const warmUpMs = Math.min(WARM_UP_MS, totalMs / 4);

  const [source, imgur] = await Promise.all([startPart('source'), startPart('imgur')]);
  await imgur.channel.ask({ faultPercent: FAULT_PERCENT });
  const service = await startService({ ...SETTINGS, IMGUR_API_URL: imgur.url }, { probe: true });
  const jobs = new SoakJobs(service, source.url, FAULT_PERCENT);
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  const { cores, cpu, node } = machine();
  print(`${minutes} minutes at ${rate} images/s; ${cores} cores of ${cpu}, Node ${node}`);

  const startedAt = performance.now();
  const elapsed = (): number => performance.now() - startedAt;
  const samples: Sample[] = [];
  let heapAfterWarmUp = NaN;
  let cpuSeconds = 0;
  let [nextSample, nextRefusal] = [SAMPLE_MS, REFUSE_EVERY_MS];
  while (elapsed() < totalMs) {
    jobs.submitUpTo((rate * elapsed()) / 1000);
    if (elapsed() >= nextRefusal) {
      nextRefusal += REFUSE_EVERY_MS;
      await imgur.channel.ask({ refuseMs: REFUSE_MS });
    }
    if (elapsed() >= nextSample) {
      nextSample += SAMPLE_MS;
      const sample = await look(service, elapsed());
      samples.push(sample);
      if (samples.length % 6 === 0) print(describe(sample, jobs));
      if (sample.atMs >= warmUpMs && Number.isNaN(heapAfterWarmUp)) {
        heapAfterWarmUp = await heapAfterGc(service);
        cpuSeconds = await cpuTime(service);
      }
    }
    await wait(20);
  }
  const busy = (await cpuTime(service)) - cpuSeconds;
  const heapAtEnd = await heapAfterGc(service);
  await jobs.settled(SETTLE_MS);
  const lost = await report();
  await service.stop();
  source.stop();
  imgur.stop();
  process.exitCode = lost ? 1 : 0;

  async function report(): Promise<boolean> {
    const steady = samples.filter(({ atMs }) => atMs > warmUpMs);
    const window = Math.max(1, Math.floor(steady.length / 4));
    const first = steady.slice(0, window).map(({ residentMb }) => residentMb);
    const last = steady.slice(-window).map(({ residentMb }) => residentMb);
    const residentGrowth = mean(last) / mean(first) - 1;
    const heapGrowth = heapAtEnd / heapAfterWarmUp - 1;
    const { submitted, complete, codes, unaccounted, refused } = jobs.count();
    const { faults } = await imgur.channel.ask<{ faults: number }>('stats');
    const failed = Object.values(codes).reduce((sum, count) => sum + count, 0);
    const all = steady.map(({ residentMb }) => residentMb);
    const cpuShare = busy / ((totalMs - warmUpMs) / 1000);
    print('');
    print(
      `images      ${submitted} submitted: ${complete} complete, ${failed} failed, ` +
        `${unaccounted} unaccounted for; ${refused} jobs refused`,
    );
    print(`failed      ${JSON.stringify(codes)}`);
    print(`faults      ${jobs.faults} images with a fault of their source, ${faults} of Imgur's`);
    print(`load        ${(100 * cpuShare).toFixed(0)} % of a core after the warm-up`);
    print(
      `resident    ${percentile(all, 0).toFixed(0)} to ${percentile(all, 1).toFixed(0)} MB, ` +
        `median ${median(all).toFixed(0)} MB after the warm-up; ` +
        `first quarter ${mean(first).toFixed(1)} MB, last ${mean(last).toFixed(1)} MB: ` +
        percent(residentGrowth),
    );
    print(
      `heap        ${heapAfterWarmUp.toFixed(1)} MB after the warm-up, ` +
        `${heapAtEnd.toFixed(1)} MB at the end, both collected: ${percent(heapGrowth)}`,
    );
    const grows = residentGrowth > MOST_GROWTH || heapGrowth > MOST_GROWTH;
    const isLost = unaccounted > 0 || complete + failed !== submitted;
    print(grows || isLost ? 'FAIL' : 'pass');
    return grows || isLost;
  }
}

async function look(service: Service, atMs: number): Promise<Sample> {
  const { heapUsed } = await service.probe.ask<NodeJS.MemoryUsage>({ type: 'memory' });
  return { atMs, residentMb: residentBytes(service.pid) / 1e6, heapMb: heapUsed / 1e6 };
}

/** In megabytes; buffers outside of the heap included. */
async function heapAfterGc(service: Service): Promise<number> {
  const memory = await service.probe.ask<NodeJS.MemoryUsage>({ type: 'memoryAfterGc' });
  return (memory.heapUsed + memory.external) / 1e6;
}

async function cpuTime(service: Service): Promise<number> {
  const { user, system } = await service.probe.ask<NodeJS.CpuUsage>({ type: 'cpu' });
  return (user + system) / 1e6;
}

function describe({ atMs, residentMb, heapMb }: Sample, jobs: SoakJobs): string {
  const { submitted, unaccounted } = jobs.count();
  return (
    `${(atMs / 1000).toFixed(0).padStart(4)} s  resident ${residentMb.toFixed(0)} MB  ` +
    `heap ${heapMb.toFixed(0)} MB  ${submitted} submitted, ${unaccounted} under way`
  );
}

function percent(share: number): string {
  return `${share >= 0 ? '+' : ''}${(100 * share).toFixed(1)} %`;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exit(1);
});
