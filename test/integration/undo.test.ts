import fetch from 'node-fetch';
import { handler as deleteImage } from '../../handlers/delete-image';
import { handler as getUpload } from '../../handlers/get-upload';
import { handler as getImages } from '../../handlers/get-upload-images';
import { handler as listImages } from '../../handlers/list-images';
import { installApp } from '../../lib/app-anchor';
import { IMGUR_FAULTS } from '../../lib/imgur-stand-in/faults';
import type { FaultScript } from '../../lib/imgur-stand-in/play';
import { type ImgurStandIn, startImgurStandIn } from '../../lib/imgur-stand-in/server';
import { imageIdOf } from '../../lib/jobs/image-id';
import { type AppUnderTest, startApp } from '../support/app-under-test';
import { picturesOf } from '../support/broken-imgur';
import { bodyOf, invoke } from '../support/invoke';
import { startSource, type SourceServer } from '../support/source-server';

jest.setTimeout(30_000);

let source: SourceServer;
const ending: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  source = await startSource();
});
afterAll(() => source.close());
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

async function start(
  settings: Record<string, string> = {},
  scripts: { manageScript?: FaultScript; script?: FaultScript } = {},
): Promise<{ service: AppUnderTest; imgur: ImgurStandIn }> {
  const imgur = await startImgurStandIn({ accessTokens: ['s3cret-token'], ...scripts });
  ending.push(() => imgur.close());
  const service = await startApp({ IMGUR_API_URL: imgur.url, ...settings });
  ending.push(() => service.app.drain());
  installApp(service.app);
  return { service, imgur };
}

const remove = (imageId: string) =>
  invoke(deleteImage, { method: 'DELETE', params: { imageId }, route: '/v1/images/{imageId}' });
const links = async () => bodyOf<{ uploaded: string[] }>(await invoke(listImages)).uploaded;

describe.each([
  ['anonymously', {}],
  ['to an account', { IMGUR_ACCESS_TOKEN: 's3cret-token' }],
])('an upload that was done %s', (_how, settings) => {
  it('can be deleted once: it is gone at Imgur, and from all lists', async () => {
    const { service } = await start(settings);
    const { id, done } = await service.start(picturesOf(source, 3));
    await done;
    const all = (await service.images(id)).map(({ link }) => link ?? '');
    expect((await service.images(id)).every((image) => image.deletehash?.length === 15)).toBe(true);
    expect((await links()).toSorted()).toEqual(all.toSorted());

    const [, second = ''] = all;
    expect(await remove(imageIdOf(second))).toMatchObject({ statusCode: 204, body: '' });
    expect((await fetch(second)).status).toBe(404);
    const left = all.filter((link) => link !== second);
    expect((await links()).toSorted()).toEqual(left.toSorted());
    const params = { params: { jobId: id } };
    const job = bodyOf<{ status: string; uploaded: object }>(await invoke(getUpload, params));
    expect(job).toMatchObject({
      status: 'complete',
      uploaded: { pending: [], complete: left, failed: [] },
    });
    const { images } = bodyOf<{ images: { status: string }[] }>(await invoke(getImages, params));
    expect(images.map(({ status }) => status)).toEqual(['complete', 'deleted', 'complete']);
    expect((await remove(imageIdOf(second))).statusCode).toBe(404);
    expect((await remove('nothing')).statusCode).toBe(404);
  });
});

it('nothing is forgotten where Imgur refuses, and its reason is told', async () => {
  const faults = [IMGUR_FAULTS.row16_could_not_process];
  const { service } = await start({}, { manageScript: () => faults.shift() });
  const [image] = await service.relay(picturesOf(source, 1));
  const link = image?.link ?? '';
  const refused = await remove(imageIdOf(link));
  expect(refused.statusCode).toBe(502);
  expect(bodyOf(refused)['detail']).toContain('Could not process upload!');
  expect(await links()).toEqual([link]);
  expect((await fetch(link)).status).toBe(200);
  expect((await remove(imageIdOf(link))).statusCode).toBe(204);
  expect(await links()).toEqual([]);
});
