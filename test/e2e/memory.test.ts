import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { awaitUntil } from '../support/await-until';
import { bigJpeg } from '../support/big-jpeg';
import { residentBytes } from '../support/resident-memory';
import { startService, type Service } from '../support/service';
import { startSource, type SourceServer } from '../support/source-server';

jest.setTimeout(120_000);

const IMAGES = 64;
const BYTES = 9_000_000;

describe('memory', () => {
  const half = BYTES / 2;
  const bytes = bigJpeg(BYTES);
  const halfway: (() => void)[] = [];
  let source: SourceServer;
  let imgur: http.Server;
  let service: Service;
  let received = 0;

  beforeAll(async () => {
    source = await startSource({
      '/chunked.jpg': (_request, response) => {
        // Its own pace: without a length, it is kept as it comes.
        for (let at = 0; at < BYTES; at += 65_536) response.write(bytes.subarray(at, at + 65_536));
        response.end();
      },
      '/big.jpg': (_request, response) => {
        response.writeHead(200, { 'content-length': BYTES });
        response.write(bytes.subarray(0, half), () => {
          halfway.push(() => response.end(bytes.subarray(half)));
        });
      },
    });
    // Counts and forgets: what arrives here must not be held by anybody.
    imgur = http.createServer((request, response) => {
      request.on('data', (chunk: Buffer) => (received += chunk.length));
      request.on('end', () => {
        const data = { id: 'abcdefg', link: 'https://i.imgur.com/abcdefg.jpg' };
        response.end(JSON.stringify({ data, success: true, status: 200 }));
      });
    });
    await new Promise<void>((resolve) => imgur.listen(0, '127.0.0.1', resolve));
    service = await startService({
      IMGUR_API_URL: `http://127.0.0.1:${(imgur.address() as AddressInfo).port}`,
      IMGUR_CLIENT_ID: 's3cret-client-id',
      DOWNLOAD_ALLOWED_NETWORKS: '127.0.0.0/8',
      // Halves wait here for each other, for as long as that takes.
      STALL_TIMEOUT_MS: '100000',
      DOWNLOAD_TIMEOUT_MS: '100000',
      UPLOAD_TIMEOUT_MS: '100000',
      CONCURRENCY: String(IMAGES),
      CONCURRENCY_PER_SOURCE: String(IMAGES),
    });
  });
  afterAll(async () => {
    await service.stop();
    imgur.closeAllConnections();
    imgur.close();
    await source.close();
  });

  it(`grows by less than 100 MB with ${IMAGES} images of 9 MB under way at once`, async () => {
    await service.completed(await service.submit([`${source.url}/palette.png`]));
    const before = residentBytes(service.pid);
    const id = await service.submit(
      Array.from({ length: IMAGES }, (_, n) => `${source.url}/big.jpg?n=${n}`),
    );
    // All are under way, and what has come of them has gone on to Imgur.
    received = 0;
    await awaitUntil('all images to be half way', () => halfway.length === IMAGES, 60_000);
    await awaitUntil('their bytes to be passed on', () => received > 0.95 * IMAGES * half, 60_000);
    const during = residentBytes(service.pid);
    for (const finish of halfway) finish();
    const job = await service.completed(id, 60_000);
    expect(job.uploaded.complete).toHaveLength(IMAGES);
    expect(received).toBeGreaterThan(IMAGES * BYTES);
    expect(during - before).toBeLessThan(100e6);
    expect(residentBytes(service.pid) - before).toBeLessThan(100e6);
  });

  it(`grows by less than 200 MB with ${IMAGES / 2} images of 9 MB that announce no length`, async () => {
    const before = residentBytes(service.pid);
    let most = 0;
    const id = await service.submit(
      Array.from({ length: IMAGES / 2 }, (_, n) => `${source.url}/chunked.jpg?n=${n}`),
    );
    const job = await awaitUntil(
      'the job to be complete',
      async () => {
        most = Math.max(most, residentBytes(service.pid));
        const now = await service.job(id);
        return now.status === 'complete' ? now : null;
      },
      60_000,
    );
    expect(job.uploaded.complete).toHaveLength(IMAGES / 2);
    expect(most - before).toBeLessThan(200e6);
  });
});
