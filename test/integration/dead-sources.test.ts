import { cancelJob } from '../../lib/jobs/cancel-job';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { startApp, type AppUnderTest } from '../support/app-under-test';
import { awaitUntil } from '../support/await-until';
import { startRecordingImgur, type RecordingImgur } from '../support/recording-imgur';
import { startSource, type SourceServer } from '../support/source-server';

jest.setTimeout(30_000);

/** A server that takes connections, and never says a word. */
async function startDeadServer() {
  const sockets = new Set<net.Socket>();
  let most = 0;
  const server = net.createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    most = Math.max(most, sockets.size);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    /** Connections at the same time. */
    most: () => most,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('beside sources that are dead', () => {
  let dead: Awaited<ReturnType<typeof startDeadServer>>;
  let source: SourceServer;
  let imgur: RecordingImgur;
  let service: AppUnderTest;

  beforeEach(async () => {
    [dead, source, imgur] = await Promise.all([
      startDeadServer(),
      startSource(),
      startRecordingImgur(),
    ]);
    service = await startApp(
      {
        IMGUR_API_URL: imgur.url,
        CONCURRENCY: '4',
        CONCURRENCY_PER_SOURCE: '2',
        // Longer than this test may take: whatever ends, a dead source has not.
        STALL_TIMEOUT_MS: '60000',
        DOWNLOAD_TIMEOUT_MS: '60000',
        DRAIN_TIMEOUT_MS: '0',
      },
      { resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]) },
    );
  });
  afterEach(async () => {
    await service.app.drain();
    await Promise.all([dead.close(), source.close(), imgur.close()]);
  });

  const deadUrls = (names: number): string[] =>
    Array.from({ length: names }, (_, n) => `http://dead${n}.example.com:${dead.port}/${n}.png`);
  const healthyUrls = (count: number): string[] =>
    Array.from({ length: count }, (_, n) => `${source.url}/${n}/palette.png`);

  it.each(['in a job of their own', 'in the same job'])(
    'healthy images %s are done before the first of those gives up',
    async (where) => {
      if (where === 'in the same job') {
        const { id } = await service.start([...deadUrls(4), ...healthyUrls(10)]);
        const counts = async () => (await service.app.store.get(id))?.counts;
        await awaitUntil('the healthy ones', async () => (await counts())?.complete === 10);
        expect((await counts())?.failed).toBe(0);
        return;
      }
      const { id } = await service.start(deadUrls(4));
      await awaitUntil('all places to be taken', () => dead.sockets.size === 4);
      const images = await service.relay(healthyUrls(10));
      expect(images.map(({ status }) => status)).toEqual(Array(10).fill('complete'));
      expect((await service.app.store.get(id))?.counts.inProgress).toBe(4);
    },
  );

  it('never asks more of one address than four names may, whatever the names are', async () => {
    const { id } = await service.start(deadUrls(40));
    await awaitUntil('as many as may', () => dead.sockets.size === 8);
    const images = await service.relay(healthyUrls(10));
    expect(images.map(({ status }) => status)).toEqual(Array(10).fill('complete'));
    expect(dead.most()).toBe(8);
    // What waits for that address has not been tried.
    await awaitUntil('the others to wait', async () => {
      const job = await service.app.store.get(id);
      return job?.counts.inProgress === 8;
    });
    const attempts = (await service.images(id)).map((image) => image.attempts);
    expect(attempts.filter((n) => n === 1)).toHaveLength(8);
    expect(attempts.filter((n) => n === 0)).toHaveLength(32);
  });

  it('takes the next of them once one has ended', async () => {
    const { id } = await service.start(deadUrls(20));
    await awaitUntil('as many as may', () => dead.sockets.size === 8);
    const [first] = dead.sockets;
    first?.destroy();
    await awaitUntil('another one', () => dead.sockets.size === 8 && !dead.sockets.has(first!));
    await cancelJob(service.app, id);
    expect((await service.app.store.get(id))?.counts.failed).toBe(20);
  });
});
