import { startHostileSource, type HostileSource } from '../support/hostile-source';
import { startRecordingImgur, type RecordingImgur } from '../support/recording-imgur';
import { residentBytes } from '../support/resident-memory';
import { startService, type Service } from '../support/service';
import {
  ALL_SOURCE_FAULTS,
  ATTEMPTS,
  pathOf,
  playsOf,
  urlOf,
  type SourceFault,
} from '../support/source-faults';

jest.setTimeout(120_000);

const faults = ALL_SOURCE_FAULTS.filter(({ byName }) => byName !== true);
const LIMIT_MS = 3500;

describe('the service in a hostile world', () => {
  let source: HostileSource;
  let imgur: RecordingImgur;
  let service: Service;

  beforeAll(async () => {
    [source, imgur] = await Promise.all([
      startHostileSource(playsOf(faults)),
      startRecordingImgur(),
    ]);
    service = await startService({
      IMGUR_API_URL: imgur.url,
      IMGUR_CLIENT_ID: 's3cret-client-id',
      DOWNLOAD_ALLOWED_NETWORKS: '127.0.0.0/8',
      ATTEMPTS: String(ATTEMPTS),
      RETRY_DELAY_MS: '20',
      CONNECT_TIMEOUT_MS: '2500',
      STALL_TIMEOUT_MS: '2500',
      DOWNLOAD_TIMEOUT_MS: String(LIMIT_MS),
      CONCURRENCY: '100',
      CONCURRENCY_PER_SOURCE: '100',
    });
  });
  afterAll(async () => {
    await service.stop();
    await Promise.all([source.close(), imgur.close()]);
  });

  it('completes one job of all source faults within the limits, each with its reason', async () => {
    const startedAt = performance.now();
    const id = await service.submit(faults.map((fault) => urlOf(fault, source)));
    await service.completed(id, 60_000);
    expect(performance.now() - startedAt).toBeLessThan(ATTEMPTS * LIMIT_MS + 5000);

    const images = await service.images(id);
    expect(images.map(({ error, status }, n) => [faults[n]?.name, error?.code ?? status])).toEqual(
      faults.map(({ name, ends }) => [name, ends]),
    );
    for (const { error } of images) {
      expect(error?.message ?? 'None.').toMatch(/^[A-Z"](?:(?!\. )[^\n])*\.$/);
    }
    const whole = faults.flatMap(({ relayed }) => relayed ?? []);
    expect(imgur.uploads).toHaveLength(whole.length);
    expect(imgur.uploads.every(({ bytes }) => whole.some((each) => each.equals(bytes)))).toBe(true);
    expect(service.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('grows by less than 50 MB under endless bodies and 200 MB gzip bombs', async () => {
    const named = (name: string): SourceFault => faults.find((fault) => fault.name === name)!;
    const hungry = ['endless', 'gzip-bomb', 'gzip-bomb-untold'].map(named);
    const before = residentBytes(service.pid);
    let most = before;
    // One after the other, so that what is not given back would add up.
    for (let round = 0; round < 5; round += 1) {
      const urls = hungry.map((fault) => `${source.url}${pathOf(fault)}?round=${round}`);
      const id = await service.submit(urls);
      for (let done = false; !done;) {
        most = Math.max(most, residentBytes(service.pid));
        done = (await service.job(id)).status === 'complete';
      }
      const images = await service.images(id);
      expect(images.map(({ error }) => error?.code)).toEqual(hungry.map(({ ends }) => ends));
    }
    most = Math.max(most, residentBytes(service.pid));
    expect(most - before).toBeLessThan(50e6);
  });
});
