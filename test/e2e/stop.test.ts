import { setTimeout as wait } from 'node:timers/promises';
import { awaitUntil } from '../support/await-until';
import { picture } from '../support/pictures';
import { spawnService, startService, type Service } from '../support/service';
import { startSource, type SourceServer } from '../support/source-server';

jest.setTimeout(60_000);

const IMAGES = 12;
const UNDER_WAY = 4;

describe('a stop with 12 images under way and queued', () => {
  let source: SourceServer;
  let service: Service;
  let urls: string[];
  /** Lets an image that is under way finish. */
  let held: (() => void)[];

  beforeEach(() => {
    held = [];
  });
  afterEach(async () => {
    service.signal('SIGKILL');
    await service.exited;
    await source.close();
  });

  async function startWithImages(settings: Record<string, string> = {}): Promise<string> {
    source = await startSource({
      '/held.png': (_request, response) => {
        held.push(() => response.end(picture('palette.png')));
      },
    });
    service = await startService({
      DOWNLOAD_ALLOWED_NETWORKS: '127.0.0.0/8',
      CONCURRENCY: String(UNDER_WAY),
      DRAIN_TIMEOUT_MS: '30000',
      ...settings,
    });
    urls = Array.from({ length: IMAGES }, (_, n) => `${source.url}/held.png?n=${n}`);
    const id = await service.submit(urls);
    await awaitUntil('images to be under way', () => held.length === UNDER_WAY);
    return id;
  }

  async function awaitDraining(): Promise<void> {
    await awaitUntil('the service to drain', async () => {
      const response = await fetch(`${service.url}/health`);
      const { status } = (await response.json()) as { status: string };
      return response.status === 503 && status === 'draining';
    });
  }

  const abandoned = (): unknown[] =>
    service.lines.filter(({ code }) => code === 'shutdown').map(({ url }) => url);
  const masked = (from: number): string[] =>
    urls.slice(from).map((url) => url.replace(/=\d+$/, '=***'));

  it.each([
    { how: 'by SIGTERM', signals: ['SIGTERM'] },
    { how: 'by SIGINT, twice within a second, as npm sends it', signals: ['SIGINT', 'SIGINT'] },
    { how: 'by SIGHUP, as a terminal that closes sends it', signals: ['SIGHUP'] },
  ] as const)('$how: finishes what is under way and logs the rest', async ({ signals }) => {
    const id = await startWithImages();
    for (const signal of signals) service.signal(signal);
    await awaitDraining();

    const refused = await fetch(`${service.url}/v1/images/upload`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ urls: [`${source.url}/palette.png`] }),
    });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([
      503,
      expect.stringMatching(/^\d+$/),
    ]);
    await awaitUntil('the rest to be abandoned', () => abandoned().length === IMAGES - UNDER_WAY);
    const job = await service.job(id);
    expect(job.uploaded).toEqual({
      pending: urls.slice(0, UNDER_WAY),
      complete: [],
      failed: urls.slice(UNDER_WAY),
    });

    for (const finish of held) finish();
    expect(await service.exited).toBe(0);
    expect(abandoned()).toEqual(masked(UNDER_WAY));
    expect(held).toHaveLength(UNDER_WAY);
    expect(service.lines.find(({ message }) => message === 'job complete')).toMatchObject({
      jobId: id,
      complete: UNDER_WAY,
      failed: IMAGES - UNDER_WAY,
    });
  });

  it('aborts and logs images that outlast DRAIN_TIMEOUT_MS, and still ends well', async () => {
    await startWithImages({ DRAIN_TIMEOUT_MS: '500' });
    const startedAt = performance.now();
    service.signal('SIGTERM');
    expect(await service.exited).toBe(0);
    const ms = performance.now() - startedAt;
    expect(ms).toBeGreaterThan(490);
    expect(ms).toBeLessThan(5000);
    expect(abandoned().sort()).toEqual(masked(0).sort());
  });

  it('ends at once by a second signal, more than a second after the first', async () => {
    await startWithImages();
    service.signal('SIGTERM');
    await awaitDraining();
    // The time is what this is about: nothing else could be waited for.
    await wait(1100);
    const startedAt = performance.now();
    service.signal('SIGTERM');
    expect(await service.exited).toBe(143);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it('is not hurried by a terminal that closes, however long after the first signal', async () => {
    const id = await startWithImages();
    service.signal('SIGINT');
    await awaitDraining();
    // The time is what this is about: nothing else could be waited for.
    await wait(1100);
    service.signal('SIGHUP');
    await awaitDraining();
    for (const finish of held) finish();
    expect(await service.exited).toBe(0);
    expect(service.lines.find(({ message }) => message === 'job complete')).toMatchObject({
      jobId: id,
      complete: UNDER_WAY,
    });
  });
});

it('a stop is heard as soon as the service says that it is ready', async () => {
  const { child, output, exited } = spawnService({});
  child.stdout?.on('data', () => {
    if (output.stdout.includes('is ready at')) child.kill('SIGTERM');
  });
  try {
    const status = await Promise.race([exited, wait(50_000, 'not ended', { ref: false })]);
    expect(status).toBe(0);
    expect(output.stdout).toContain('"message":"stopped"');
  } finally {
    child.kill('SIGKILL');
  }
});
