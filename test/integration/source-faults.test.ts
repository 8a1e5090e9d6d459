import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { LookupAddress } from 'node:dns';
import { RelayError } from '../../lib/errors';
import { imageTypeOf } from '../../lib/images/image-type';
import type { ImageRecord } from '../../lib/jobs/job';
import { startApp, type AppUnderTest } from '../support/app-under-test';
import { startHostileSource, type HostileSource } from '../support/hostile-source';
import { startRecordingImgur, type RecordingImgur } from '../support/recording-imgur';
import {
  ALL_SOURCE_FAULTS,
  ATTEMPTS,
  late,
  MORE_SOURCE_FAULTS,
  pathOf,
  playsOf,
  SOURCE_FAULTS,
  steady,
  urlOf,
  type SourceFault,
} from '../support/source-faults';

jest.setTimeout(60_000);

interface Row {
  side: string;
  fault: string;
}
const FILE = path.join(__dirname, '../fixtures/vectors/faults.jsonl');
const rows = fs
  .readFileSync(FILE, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Row)
  .filter(({ side }) => side === 'source');

const STALL_TIMEOUT_MS = 2500;
const DOWNLOAD_TIMEOUT_MS = 3500;
const STEADY = steady(3000);
const LATE = late(1400);
const NAMES: Record<string, LookupAddress[]> = {
  'dead-aaaa.example.com': [
    { address: '::1', family: 6 },
    { address: '127.0.0.1', family: 4 },
  ],
  'i.imgur.com': [{ address: '127.0.0.1', family: 4 }],
};
const resolve = (name: string): Promise<LookupAddress[]> => {
  const found = NAMES[name];
  if (found) return Promise.resolve(found);
  if (name === 'localhost') return Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
  return Promise.reject(new RelayError('dns_failed', 'No such name.', { maxAttempts: 2 }));
};

describe('one job of everything that a source can do wrong', () => {
  let source: HostileSource;
  let imgur: RecordingImgur;
  let service: AppUnderTest;
  let jobMs = 0;
  let uploads: RecordingImgur['uploads'] = [];
  const images = new Map<string, ImageRecord>();

  beforeAll(async () => {
    source = await startHostileSource(playsOf([...ALL_SOURCE_FAULTS, STEADY, LATE]));
    imgur = await startRecordingImgur();
    service = await startApp(
      {
        IMGUR_API_URL: imgur.url,
        ATTEMPTS: String(ATTEMPTS),
        RETRY_DELAY_MS: '20',
        CONNECT_TIMEOUT_MS: '2500',
        STALL_TIMEOUT_MS: String(STALL_TIMEOUT_MS),
        DOWNLOAD_TIMEOUT_MS: String(DOWNLOAD_TIMEOUT_MS),
        CONCURRENCY: '100',
        CONCURRENCY_PER_SOURCE: '100',
      },
      { resolve },
    );
    const urls = ALL_SOURCE_FAULTS.map((fault) => urlOf(fault, source));
    const startedAt = performance.now();
    const relayed = await service.relay(urls);
    jobMs = performance.now() - startedAt;
    uploads = [...imgur.uploads];
    for (const image of relayed) images.set(image.url, image);
  });
  afterAll(async () => {
    await service.app.drain();
    await Promise.all([source.close(), imgur.close()]);
  });

  function expectEnd(fault: SourceFault): void {
    const image = images.get(urlOf(fault, source))!;
    expect({
      ends: image.error?.code ?? image.status,
      tries: image.attempts,
    }).toEqual({ ends: fault.ends, tries: fault.tries });
    const visited = source.visits(pathOf(fault)).length;
    const unreachable = ['tls_error', 'connection_failed', 'dns_failed'].includes(fault.ends);
    expect(unreachable || fault.name === 'silent-port' || visited === fault.tries).toBe(true);
    expect(image.link === null).toBe(fault.relayed === undefined);
    if (image.error) {
      // One sentence, of words that name no address.
      expect(image.error.message).toMatch(/^[A-Z"](?:(?!\. )[^\n])*\.$/);
      expect(image.error.message).not.toMatch(/127\.0\.0\.1|::1/);
    }
  }

  describe.each(rows)('$fault', ({ fault: row }) => {
    it.each(SOURCE_FAULTS[row] ?? [])('$name: $ends after $tries', (fault) => expectEnd(fault));
  });

  it.each([...MORE_SOURCE_FAULTS])('beyond the file: $name: $ends after $tries', (fault) =>
    expectEnd(fault),
  );

  it('covers every row of the file, and no other', () => {
    expect(rows).toHaveLength(36);
    expect(Object.keys(SOURCE_FAULTS).sort()).toEqual(rows.map(({ fault }) => fault).sort());
    expect(Object.values(SOURCE_FAULTS).filter((variants) => variants.length === 0)).toEqual([]);
  });

  it('is complete within the limits', () => {
    expect(images.size).toBe(ALL_SOURCE_FAULTS.length);
    expect(jobMs).toBeLessThan(ATTEMPTS * DOWNLOAD_TIMEOUT_MS + 2500);
  });

  it('brings whole pictures to Imgur, each once, and nothing else', () => {
    const whole = ALL_SOURCE_FAULTS.flatMap(({ relayed }) => relayed ?? []);
    const key = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
    expect(uploads.map(({ bytes }) => key(bytes)).sort()).toEqual(whole.map(key).sort());
    expect(uploads.every(({ picture }) => picture !== null)).toBe(true);
  });

  it('logs one line for each failed image, with its code', () => {
    const failed = [...images.values()].filter(({ status }) => status === 'failed');
    const warned = service.lines.filter(({ level, url }) => level === 'warn' && url !== undefined);
    const told = (url: unknown, code: unknown): string => `${String(url)} ${String(code)}`;
    expect(warned.map(({ url, code }) => told(url, code)).sort()).toEqual(
      failed.map(({ url, error }) => told(url, error?.code)).sort(),
    );
    expect(service.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('waits for 2 s where the source asks for it', () => {
    const [first, second] = source.visits('/wait-2/picture.jpg');
    expect(second! - first!).toBeGreaterThanOrEqual(1990);
  });

  it('says which limit a dribble and a stall have passed', () => {
    const message = (name: string): string | undefined =>
      images.get(`${source.url}/${name}/picture.jpg`)?.error?.message;
    expect(message('dribble')).toBe('The source took more than 3.5 s.');
    expect(message('dribble-announced')).toBe('The source took more than 3.5 s.');
    expect(message('stalls')).toBe('The source sent nothing for 2.5 s.');
    expect(message('no-head')).toBe('The source sent nothing for 2.5 s.');
  });

  it('names itself to a source that denies it', () => {
    expect([...source.userAgents]).toEqual([expect.stringMatching(/^image-relay\/\d/)]);
  });

  it('lets a source take longer than the stall limit as long as something comes', async () => {
    // Apart from the others, which keep this process busy.
    const relayed = await service.relay([urlOf(STEADY, source), urlOf(LATE, source)]);
    for (const image of relayed) {
      expect([image.url, image.status, image.attempts]).toEqual([image.url, 'complete', 1]);
      expect(image.durationMs).toBeGreaterThan(STALL_TIMEOUT_MS);
    }
  });

  it('judges a box without a size at once', () => {
    const startedAt = performance.now();
    for (const hex of ['000000004a584c200d0a870a', '0000000066747970686569630000000000000000']) {
      expect(imageTypeOf(Buffer.from(hex, 'hex'))).toEqual({ kind: 'none' });
    }
    expect(performance.now() - startedAt).toBeLessThan(50);
  });
});
