import { setTimeout as wait } from 'node:timers/promises';
import { awaitUntil } from '../support/await-until';
import { picture } from '../support/pictures';
import { startService, type Service } from '../support/service';
import { startSource, type SourceServer } from '../support/source-server';

jest.setTimeout(120_000);

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

  it('finishes what is under way and logs the rest, what outlasts DRAIN_TIMEOUT_MS last', async () => {
    const id = await startWithImages({ DRAIN_TIMEOUT_MS: '10000', STALL_TIMEOUT_MS: '30000' });
    service.signal('SIGTERM');
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

    const [first, second] = held;
    first?.();
    second?.();
    // The other two never end by themselves.
    expect(await service.exited).toBe(0);
    // Nobody can ask for these links any more: the log is where they are.
    const kept = service.lines.filter(({ message }) => message === 'image complete');
    expect(kept.map(({ url }) => url)).toEqual(masked(0).slice(0, 2));
    const links = new Set(kept.map(({ link }) => link));
    expect([...links]).toEqual(Array(2).fill(expect.stringMatching(/^http.+\.png$/)));
    expect(held).toHaveLength(UNDER_WAY);
    expect(abandoned().slice(0, IMAGES - UNDER_WAY)).toEqual(masked(UNDER_WAY));
    expect(abandoned()).toHaveLength(IMAGES - 2);
    expect(service.lines.find(({ message }) => message === 'job complete')).toMatchObject({
      jobId: id,
      complete: 2,
      failed: IMAGES - 2,
    });
  });

  it('is not hurried by a terminal that closes, and ends at once by a second signal', async () => {
    const id = await startWithImages();
    service.signal('SIGINT');
    await awaitDraining();
    // The time is what this is about: nothing else could be waited for.
    await wait(1100);
    service.signal('SIGHUP');
    await awaitDraining();
    // It goes on draining: this one is still brought to its end.
    held[0]?.();
    await awaitUntil('an image to be finished', async () => {
      const { uploaded } = await service.job(id);
      return uploaded.complete.length === 1;
    });
    service.signal('SIGTERM');
    // And not 0, as when the drain had ended.
    expect(await service.exited).toBe(143);
    expect(abandoned()).toEqual(masked(UNDER_WAY));
  });
});
