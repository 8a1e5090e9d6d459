import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fetch from 'node-fetch';
import { RECORD_BYTES } from '../../../lib/imgur-stand-in/store';
import {
  fileOf,
  fixture,
  type ImageReply,
  type ImgurUnderTest,
  openRaw,
  pictureForm,
  post,
  startImgur,
  stopImgurs,
  until,
  upload,
} from './imgur-under-test';

afterEach(stopImgurs);

const GIF = fixture('still.gif');
const SAMPLES = join(__dirname, '../../../samples');

function call(imgur: ImgurUnderTest, method: string, path: string, Authorization = 'Client-ID t') {
  return fetch(imgur.url + path, { method, headers: { Authorization } });
}

describe('GET /3/credits', () => {
  test('tells what is left', async () => {
    const imgur = await startImgur();
    const response = await call(imgur, 'GET', '/3/credits');
    expect(await response.json()).toEqual({
      data: {
        UserLimit: 500,
        UserRemaining: 500,
        UserReset: expect.any(Number) as number,
        ClientLimit: 12_500,
        ClientRemaining: 12_500,
      },
      success: true,
      status: 200,
    });
  });

  test('wants a credential', async () => {
    const imgur = await startImgur();
    const response = await fetch(`${imgur.url}/3/credits`);
    expect(response.status).toBe(401);
    expect(await response.text()).toBe(
      '{"data":{"error":"Authentication required","request":"\\/3\\/credits","method":"GET"},"success":false,"status":401}',
    );
  });
});

describe('GET /3/image/{id}', () => {
  test('describes a picture, and keeps its deletehash to itself', async () => {
    const imgur = await startImgur();
    const { data } = await upload(imgur, GIF);
    const response = await call(imgur, 'GET', `/3/image/${data.id}`);
    const { deletehash, ...known } = data;
    expect(await response.json()).toEqual({ data: known, success: true, status: 200 });
    expect(deletehash).toHaveLength(15);
  });

  test('answers an unknown one with a page', async () => {
    const imgur = await startImgur();
    const response = await call(imgur, 'GET', '/3/image/AAAAAAA');
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
    expect(await response.text()).toContain('<title>404');
  });
});

describe('DELETE /3/image/{name}', () => {
  const GONE = '{"data":true,"success":true,"status":200}';

  test('deletes by deletehash', async () => {
    const imgur = await startImgur();
    const { data } = await upload(imgur, GIF);
    const response = await call(imgur, 'DELETE', `/3/image/${data.deletehash}`);
    expect(await response.text()).toBe(GONE);
    expect(await imgur.picture(fileOf(data.link))).toBeUndefined();
    expect(imgur.heldBytes).toBe(0);
    expect((await call(imgur, 'GET', `/3/image/${data.id}`)).status).toBe(404);
  });

  test('answers the same for what it does not know', async () => {
    const imgur = await startImgur();
    const response = await call(imgur, 'DELETE', '/3/image/AAAAAAAAAAAAAAA');
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(GONE);
  });

  test('deletes by id for the account that owns the picture only', async () => {
    const imgur = await startImgur({ accessTokens: ['token'] });
    const { data: anonymous } = await upload(imgur, GIF);
    const owner = { Authorization: 'Bearer token' };
    const reply = await post(`${imgur.url}/3/image`, pictureForm(GIF), owner);
    const { data: owned } = (await reply.json()) as ImageReply;

    await call(imgur, 'DELETE', `/3/image/${owned.id}`);
    expect(await imgur.picture(fileOf(owned.link))).toBeDefined();
    await call(imgur, 'DELETE', `/3/image/${anonymous.id}`, 'Bearer token');
    expect(await imgur.picture(fileOf(anonymous.link))).toBeDefined();
    await call(imgur, 'DELETE', `/3/image/${owned.id}`, 'Bearer token');
    expect(await imgur.picture(fileOf(owned.link))).toBeUndefined();
  });

  test('wants a credential', async () => {
    const imgur = await startImgur();
    const { data } = await upload(imgur, GIF);
    const response = await call(imgur, 'DELETE', `/3/image/${data.deletehash}`, 'Bearer none');
    expect(response.status).toBe(403);
    expect(imgur.heldBytes).toBe(GIF.length + RECORD_BYTES);
  });
});

describe('whatever else', () => {
  test.each([
    '/',
    '/3',
    '/3/gallery',
    '/3/image/',
    '/gallery/abc',
    '/abcdefg.png',
    '/embedded/a.gif',
  ])('GET %s is an HTML 404', async (path) => {
    const imgur = await startImgur();
    const response = await call(imgur, 'GET', path);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
  });

  test.each([
    ['GET', '/3/image', 'POST'],
    ['PUT', '/3/upload', 'POST'],
    ['GET', '/oauth2/token', 'POST'],
    ['POST', '/3/credits', 'GET'],
    ['POST', '/3/image/abcdefg', 'GET, DELETE'],
    ['DELETE', '/samples/a.png', 'GET, HEAD'],
  ])('%s %s is an HTML 405', async (method, path, allow) => {
    const imgur = await startImgur();
    const response = await call(imgur, method, path);
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allow);
    expect(await response.text()).toContain('<title>405');
  });

  test('a link with another extension leads nowhere', async () => {
    const imgur = await startImgur();
    const { data } = await upload(imgur, GIF);
    expect(await imgur.picture(`${data.id}.png`)).toBeUndefined();
    expect(await imgur.picture(data.id)).toBeUndefined();
    expect((await fetch(`${imgur.url}/${data.id}.png`)).status).toBe(404);
    expect((await fetch(`${imgur.url}/${data.id}.gif?1`, { method: 'HEAD' })).status).toBe(200);
  });

  test('a defect is told and answered as Imgur answers its own', async () => {
    const defect = new Error('of the test');
    const imgur = await startImgur({
      onUpload: () => {
        throw defect;
      },
    });
    const response = await post(`${imgur.url}/3/image`, pictureForm(GIF));
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('Could not process upload!');
    expect(imgur.errors).toEqual([defect]);
  });
});

describe('the sample pictures', () => {
  test('are offered by URL, with their types', async () => {
    const imgur = await startImgur({ samplesDir: SAMPLES });
    const types = imgur.samples.map(async (url) => {
      const response = await fetch(url);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      const bytes = await response.buffer();
      expect(response.headers.get('content-length')).toBe(String(bytes.length));
      return [url, response.headers.get('content-type')];
    });
    expect(await Promise.all(types)).toEqual([
      [`${imgur.url}/samples/nebula-256-colours.png`, 'image/png'],
      [`${imgur.url}/samples/nebula-thumbnail.bmp`, 'image/bmp'],
      [`${imgur.url}/samples/nebula.jpg`, 'image/jpeg'],
      [`${imgur.url}/samples/nebula.tiff`, 'image/tiff'],
      [`${imgur.url}/samples/shifting-clouds.gif`, 'image/gif'],
    ]);
    expect(imgur.url).toBe(`http://127.0.0.1:${imgur.port}`);
  });

  test.each([null, '/nowhere/at/all'])('%s has none, and the server starts', async (samplesDir) => {
    const imgur = await startImgur({ samplesDir });
    expect(imgur.samples).toEqual([]);
    expect((await fetch(`${imgur.url}/samples/nebula.jpg`)).status).toBe(404);
  });

  test('are only the pictures that lay there at the start', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'samples-'));
    try {
      await writeFile(join(directory, 'a.gif'), GIF);
      await writeFile(join(directory, 'page.jpg'), '<html></html>');
      await writeFile(join(directory, '.hidden.gif'), GIF);
      await symlink(join(SAMPLES, 'nebula.jpg'), join(directory, 'link.jpg'));
      const imgur = await startImgur({ samplesDir: directory });
      await writeFile(join(directory, 'late.gif'), GIF);
      expect(imgur.samples).toEqual([`${imgur.url}/samples/a.gif`]);
      for (const name of ['page.jpg', '.hidden.gif', 'link.jpg', 'late.gif']) {
        expect((await fetch(`${imgur.url}/samples/${name}`)).status).toBe(404);
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test.each([
    '/samples/../server.ts',
    '/samples/..%2fserver.ts',
    '/samples/%2e%2e/server.ts',
    '/samples/./nebula.jpg/../../server.ts',
    '/samples//etc/passwd',
    '/samples/constructor',
    '/samples/',
  ])('GET %s leads nowhere', async (path) => {
    const imgur = await startImgur({ samplesDir: SAMPLES });
    // A plain connection: a client would resolve the dots itself.
    const raw = openRaw(imgur, [`GET ${path} HTTP/1.1`, 'Connection: close']);
    await raw.closed;
    await until(() => raw.received().endsWith('</html>\n'));
    expect(raw.received()).toMatch(/^HTTP\/1\.1 404 /);
  });
});
