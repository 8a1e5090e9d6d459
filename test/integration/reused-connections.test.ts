import http from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
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
