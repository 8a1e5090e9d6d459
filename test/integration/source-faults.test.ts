import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { LookupAddress } from 'node:dns';
import { NetError } from '../../lib/net/net-error';
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

jest.setTimeout(120_000);

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

/** Faults of time come under short limits, in a small job: nothing else may keep this process busy. */
const isOfTime = ({ ends }: SourceFault): boolean => ends === 'download_timeout';
const OF_TIME = ALL_SOURCE_FAULTS.filter(isOfTime);
const OTHERS = ALL_SOURCE_FAULTS.filter((fault) => !isOfTime(fault));
const SHORT = {
  CONNECT_TIMEOUT_MS: '1000',
  STALL_TIMEOUT_MS: '1000',
  DOWNLOAD_TIMEOUT_MS: '2000',
};
const STALL_TIMEOUT_MS = 1500;
const SLOW = [steady(2500), late(900)];
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
  return Promise.reject(new NetError('no_address'));
};

describe('everything that a source can do wrong', () => {
  let source: HostileSource;
  let imgur: RecordingImgur;
  let slow: readonly ImageRecord[] = [];
  let uploads: RecordingImgur['uploads'] = [];
  const services: AppUnderTest[] = [];
  const images = new Map<string, ImageRecord>();

  /** One job of these, in a service of its own. */
  async function relay(
    faults: readonly SourceFault[],
    limits: Record<string, string> = {},
  ): Promise<readonly ImageRecord[]> {
    const settings = {
      IMGUR_API_URL: imgur.url,
      ATTEMPTS: String(ATTEMPTS),
      RETRY_DELAY_MS: '20',
      CONCURRENCY: '100',
      CONCURRENCY_PER_SOURCE: '100',
    };
    const service = await startApp({ ...settings, ...limits }, { resolve });
    services.push(service);
    return service.relay(faults.map((fault) => urlOf(fault, source)));
  }

  beforeAll(async () => {
    source = await startHostileSource(playsOf([...ALL_SOURCE_FAULTS, ...SLOW]));
    imgur = await startRecordingImgur();
    const others = await relay(OTHERS);
    const [ofTime, ...more] = await Promise.all([
      relay(OF_TIME, SHORT),
      relay(SLOW, { STALL_TIMEOUT_MS: String(STALL_TIMEOUT_MS) }),
    ]);
    slow = more.flat();
    uploads = [...imgur.uploads];
    for (const image of [...others, ...ofTime]) images.set(image.url, image);
  });
  afterAll(async () => {
    await Promise.all(services.map(({ app }) => app.drain()));
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
    if (!unreachable && fault.name !== 'silent-port') expect(visited).toBe(fault.tries);
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

  it('brings whole pictures to Imgur, each once, and nothing else', () => {
    const whole = [...ALL_SOURCE_FAULTS, ...SLOW].flatMap(({ relayed }) => relayed ?? []);
    const key = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
    expect(uploads.map(({ bytes }) => key(bytes)).sort()).toEqual(whole.map(key).sort());
    expect(uploads.every(({ picture }) => picture !== null)).toBe(true);
  });

  it('logs one line for each failed image, with its code', () => {
    const failed = [...images.values()].filter(({ status }) => status === 'failed');
    const lines = services.flatMap((service) => service.lines);
    const warned = lines.filter(({ level, url }) => level === 'warn' && url !== undefined);
    const told = (url: unknown, code: unknown): string => `${String(url)} ${String(code)}`;
    expect(warned.map(({ url, code }) => told(url, code)).sort()).toEqual(
      failed.map(({ url, error }) => told(url, error?.code)).sort(),
    );
    expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('waits for 2 s where the source asks for it', () => {
    const [first, second] = source.visits('/wait-2/picture.jpg');
    expect(second! - first!).toBeGreaterThanOrEqual(1990);
  });

  it('says which limit a dribble and a stall have passed', () => {
    const message = (name: string): string | undefined =>
      images.get(`${source.url}/${name}/picture.jpg`)?.error?.message;
    expect(message('dribble')).toBe('The source took more than 2 s.');
    expect(message('dribble-announced')).toBe('The source took more than 2 s.');
    expect(message('stalls')).toBe('The source sent nothing for 1 s.');
    expect(message('no-head')).toBe('The source sent nothing for 1 s.');
  });

  it('names itself to a source that denies it', () => {
    expect([...source.userAgents]).toEqual([expect.stringMatching(/^image-relay\/\d/)]);
  });

  it('lets a source take longer than the stall limit as long as something comes', () => {
    expect(slow).toHaveLength(SLOW.length);
    for (const image of slow) {
      expect([image.url, image.status, image.attempts]).toEqual([image.url, 'complete', 1]);
      expect(image.durationMs).toBeGreaterThan(STALL_TIMEOUT_MS);
    }
  });

  it('comes to an end with a box without a size', () => {
    for (const hex of ['000000004a584c200d0a870a', '0000000066747970686569630000000000000000']) {
      expect(imageTypeOf(Buffer.from(hex, 'hex'))).toEqual({ kind: 'none' });
    }
  });
});
