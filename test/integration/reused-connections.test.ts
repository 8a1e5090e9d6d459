import http from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { FaultScript } from '../../lib/imgur-stand-in/play';
import { startApp, type AppUnderTest } from '../support/app-under-test';
import { picture } from '../support/pictures';
import { announcedHead } from '../support/plays';
import { startRecordingImgur, type RecordingImgur } from '../support/recording-imgur';

const PNG = picture('rgb8.png');

describe('a connection that served an image already', () => {
  let imgur: RecordingImgur;
  let service: AppUnderTest;
  let source: net.Server;
  const sockets = new Set<Socket>();
  let connections = 0;

  beforeAll(async () => {
    // What comes second on a connection is no HTTP, as after an answer that was longer than it said.
    source = net.createServer((socket) => {
      sockets.add(socket);
      connections += 1;
      let requests = 0;
      socket.on('error', () => undefined);
      socket.on('data', () => {
        requests += 1;
        if (requests > 1) socket.write('the rest of the answer before this one\r\n\r\n');
        else socket.write(Buffer.concat([Buffer.from(announcedHead(PNG.length)), PNG]));
      });
    });
    await new Promise<void>((resolve) => source.listen(0, '127.0.0.1', resolve));
    imgur = await startRecordingImgur();
    service = await startApp({ IMGUR_API_URL: imgur.url, ATTEMPTS: '2', RETRY_DELAY_MS: '5' });
  });
  afterAll(async () => {
    await service.app.drain();
    await imgur.close();
    for (const socket of sockets) socket.destroy();
    source.close();
  });

  it('is not to blame the next image for what it still holds', async () => {
    const url = `http://127.0.0.1:${(source.address() as AddressInfo).port}`;
    const [first] = await service.relay([`${url}/1.png`]);
    expect([first?.status, first?.attempts, connections]).toEqual(['complete', 1, 1]);

    const [second] = await service.relay([`${url}/2.png`]);
    expect([second?.status, second?.attempts, connections]).toEqual(['complete', 2, 2]);
    expect(imgur.uploads.map(({ bytes }) => bytes.equals(PNG))).toEqual([true, true]);
  });
});

describe('a connection that is closed while it idles', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  /** Pictures of one source on kept connections, by the service in front of an Imgur. */
  async function startBetween(
    serve: http.RequestListener,
    script: FaultScript = () => undefined,
  ): Promise<{ service: AppUnderTest; imgur: RecordingImgur; urlOf: (n: number) => string }> {
    const source = http.createServer(serve);
    await new Promise<void>((resolve) => source.listen(0, '127.0.0.1', resolve));
    closing.push(() => {
      const closed = new Promise((resolve) => source.close(resolve));
      source.closeAllConnections();
      return closed;
    });
    const imgur = await startRecordingImgur({ script });
    closing.push(() => imgur.close());
    const settings = { IMGUR_API_URL: imgur.url, ATTEMPTS: '2', RETRY_DELAY_MS: '5' };
    const service = await startApp(settings);
    closing.push(() => service.app.drain());
    const { port } = source.address() as AddressInfo;
    return { service, imgur, urlOf: (n) => `http://127.0.0.1:${port}/${n}.png` };
  }

  it('by the source is no attempt, however many of them there are', async () => {
    const used = new Set<Socket>();
    let resets = 0;
    const { service, urlOf } = await startBetween((req, res) => {
      if (used.has(req.socket)) {
        resets += 1;
        req.socket.resetAndDestroy();
        return;
      }
      used.add(req.socket);
      res.writeHead(200, { 'content-length': PNG.length }).end(PNG);
    });
    for (let n = 0; n < 3; n += 1) {
      const [image] = await service.relay([urlOf(n)]);
      expect([image?.status, image?.attempts]).toEqual(['complete', 1]);
    }
    expect([used.size, resets]).toEqual([3, 2]);
  });

  it('by the source is a failure on a connection of its own', async () => {
    const { service, urlOf } = await startBetween((req) => void req.socket.resetAndDestroy());
    const [image] = await service.relay([urlOf(1)]);
    expect([image?.error?.code, image?.attempts]).toEqual(['connection_failed', 2]);
  });

  it('by Imgur before it has the whole picture is no attempt, and makes no duplicate', async () => {
    let requests = 0;
    const { service, imgur, urlOf } = await startBetween(
      (_req, res) => {
        requests += 1;
        res.writeHead(200, { 'content-length': PNG.length });
        // The second one is never whole: what it holds is still missing when Imgur resets.
        if (requests === 2) res.write(PNG.subarray(0, 40));
        else res.end(PNG);
      },
      ({ count }) => (count === 2 ? { kind: 'reset', when: 'before-body' } : undefined),
    );
    for (let n = 0; n < 2; n += 1) {
      const [image] = await service.relay([urlOf(n)]);
      expect([image?.status, image?.attempts]).toEqual(['complete', 1]);
    }
    expect([imgur.requests.length, imgur.uploads.length]).toEqual([3, 2]);
    expect(service.lines.filter(({ possibleDuplicate }) => possibleDuplicate)).toEqual([]);
  });
});

describe('one connection serves images one after the other', () => {
  let imgur: RecordingImgur;
  let service: AppUnderTest;
  let source: http.Server;
  let connections = 0;

  beforeAll(async () => {
    source = http.createServer(({ url = '' }, response) => {
      if (url.startsWith('/moved')) response.writeHead(302, { location: '/a.png' }).end('Moved');
      else if (url.startsWith('/gone')) response.writeHead(410).end('<h1>Gone</h1>');
      else response.writeHead(200, { 'content-length': PNG.length }).end(PNG);
    });
    source.on('connection', () => (connections += 1));
    await new Promise<void>((resolve) => source.listen(0, '127.0.0.1', resolve));
    imgur = await startRecordingImgur();
    service = await startApp({ IMGUR_API_URL: imgur.url, CONCURRENCY: '1', ATTEMPTS: '1' });
  });
  afterAll(async () => {
    await service.app.drain();
    await imgur.close();
    source.close();
    source.closeAllConnections();
  });

  it.each([
    ['are redirected', 'moved', 'complete'],
    ['are refused', 'gone', 'failed'],
  ])('where 20 of them %s', async (_what, path, status) => {
    connections = 0;
    const { port } = source.address() as AddressInfo;
    const urls = Array.from({ length: 20 }, (_, n) => `http://127.0.0.1:${port}/${path}/${n}.png`);
    const images = await service.relay(urls);
    expect(images.map((image) => image.status)).toEqual(Array(20).fill(status));
    expect(connections).toBeLessThanOrEqual(1);
  });
});
