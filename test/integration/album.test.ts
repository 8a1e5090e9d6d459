import fetch from 'node-fetch';
import { handler as createAlbum } from '../../handlers/create-album';
import { handler as getImages } from '../../handlers/get-upload-images';
import { installApp } from '../../lib/app-anchor';
import { IMGUR_FAULTS } from '../../lib/imgur-stand-in/faults';
import type { FaultScript } from '../../lib/imgur-stand-in/play';
import { startImgurStandIn } from '../../lib/imgur-stand-in/server';
import { type AppUnderTest, startApp } from '../support/app-under-test';
import { picturesOf } from '../support/broken-imgur';
import { awaitUntil } from '../support/await-until';
import { bodyOf, invoke } from '../support/invoke';
import { picture } from '../support/pictures';
import { startSource, type SourceServer } from '../support/source-server';

jest.setTimeout(30_000);

let source: SourceServer;
let endLate = (): void => undefined;
const ending: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  source = await startSource({
    '/late.png': (_request, response) => {
      endLate = () => response.end(picture('palette.png'));
    },
  });
});
afterAll(() => source.close());
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

async function start(
  settings: Record<string, string> = {},
  manageScript?: FaultScript,
): Promise<AppUnderTest> {
  const imgur = await startImgurStandIn({
    accessTokens: ['s3cret-token'],
    ...(manageScript ? { manageScript } : {}),
  });
  ending.push(() => imgur.close());
  const service = await startApp({ IMGUR_API_URL: imgur.url, ...settings });
  ending.push(() => service.app.drain());
  installApp(service.app);
  return service;
}

const album = (jobId: string, body?: unknown, headers: Record<string, string> = {}) =>
  invoke(createAlbum, { method: 'POST', params: { jobId }, body, headers });

async function uploaded(service: AppUnderTest, count: number) {
  const { id, done } = await service.start(picturesOf(source, count));
  await done;
  return id;
}

describe.each([
  ['anonymously', {}],
  ['with an account', { IMGUR_ACCESS_TOKEN: 's3cret-token' }],
])('an album made %s', (_how, settings) => {
  it('shows what the job uploaded, in the order of submission', async () => {
    const service = await start(settings);
    const bad = [`${source.url}/no-1`, `${source.url}/no-2`];
    const urls = [`${source.url}/late.png`, ...bad, ...picturesOf(source, 19)];
    const { id, done } = await service.start(urls);
    const { store } = service.app;
    await awaitUntil('all others', async () => (await store.counts()).complete === 19);
    endLate();
    await done;
    const [first] = await service.images(id);
    expect((await store.linksFrom(0, 99)).links.at(-1)).toBe(first?.link);
    const answer = await album(id, { title: 'Twenty' });
    expect(answer.statusCode).toBe(201);
    const { link } = bodyOf<{ link: string; deletehash: string }>(answer);
    expect(answer.headers['location']).toBe(link);

    const html = await (await fetch(link)).text();
    const shown = [...html.matchAll(/<img src="\.\.\/([^"]+)"/g)].map(([, file]) => file);
    const links = (await service.images(id)).flatMap((image) => image.link ?? []);
    expect(links).toHaveLength(20);
    expect(shown).toEqual(links.map((each) => each.slice(each.lastIndexOf('/') + 1)));
  });
});

it('a key makes one album, and none makes another each time', async () => {
  const service = await start();
  const id = await uploaded(service, 1);
  const key = { 'idempotency-key': 'once' };
  const [one, same] = await Promise.all([album(id, undefined, key), album(id, undefined, key)]);
  expect(one.statusCode).toBe(201);
  expect(same.body).toBe(one.body);
  expect((await album(id, undefined, key)).body).toBe(one.body);
  expect((await album(id)).body).not.toBe(one.body);
  const { text } = await service.app.metrics.read();
  expect(text).toContain('image_relay_albums_total{outcome="made"} 2\n');
  expect((await album(id, { title: 'x' }, key)).statusCode).toBe(422);
});

it('is refused where there is nothing to show, or not yet, or the body is wrong', async () => {
  const service = await start();
  const { jobId } = await service.app.store.create({ urls: picturesOf(source, 1), clientId: null });
  expect((await album(jobId)).statusCode).toBe(409);
  const { id, done } = await service.start([`${source.url}/no`]);
  await done;
  expect((await album(id)).statusCode).toBe(409);
  expect((await album('nobody')).statusCode).toBe(404);
  expect((await album(id, { privacy: 'mine' })).statusCode).toBe(400);
  expect((await album(id, { titel: 'x' })).statusCode).toBe(400);
});

it('has the reason of Imgur where that refuses, and waits for its limits', async () => {
  const faults = [IMGUR_FAULTS.row16_could_not_process, IMGUR_FAULTS.row4_too_fast];
  const service = await start({}, () => faults.shift());
  const id = await uploaded(service, 1);
  const refused = await album(id);
  expect(refused.statusCode).toBe(502);
  expect(bodyOf(refused)['detail']).toContain('Could not process upload!');
  expect((await album(id)).statusCode).toBe(502);
  const paused = await album(id);
  expect(paused.statusCode).toBe(503);
  expect(Number(paused.headers['retry-after'])).toBeGreaterThan(3000);
  const { text } = await service.app.metrics.read();
  expect(text).toContain('image_relay_albums_total{outcome="refused"} 2\n');
});

it('the details come as CSV where that is asked for', async () => {
  const service = await start();
  const id = await uploaded(service, 1);
  const ask = (query: Record<string, string>) =>
    invoke(getImages, { params: { jobId: id }, query });
  const csv = await ask({ format: 'csv' });
  expect(csv.headers['content-type']).toMatch(/^text\/csv/);
  expect(csv.body.split('\r\n')).toHaveLength(3);
  expect((await ask({ format: 'xml' })).statusCode).toBe(400);
});
