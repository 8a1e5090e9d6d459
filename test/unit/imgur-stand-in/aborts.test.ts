import { Agent } from 'node:http';
import type FormData from 'form-data';
import fetch from 'node-fetch';
import { RECORD_BYTES } from '../../../lib/imgur-stand-in/store';
import {
  fixture,
  type ImgurUnderTest,
  openRaw,
  pictureForm,
  post,
  PROFILES,
  startImgur,
  stopImgurs,
  until,
  upload,
} from './imgur-under-test';

afterEach(stopImgurs);

const JPEG = fixture('baseline.jpg');

function typeOf(form: FormData): string {
  return `multipart/form-data; boundary=${form.getBoundary()}`;
}

function begin(imgur: ImgurUnderTest, path: string, contentLength: number, contentType: string) {
  return openRaw(imgur, [
    `POST ${path} HTTP/1.1`,
    'Authorization: Client-ID tester',
    `Content-Type: ${contentType}`,
    `Content-Length: ${contentLength}`,
  ]);
}

describe.each(PROFILES)('POST %s', (path) => {
  test.each([
    ['in the middle', (length: number) => length - 20_000],
    ['one byte before its end', (length: number) => length - 1],
  ])('a body that breaks off %s leaves nothing behind', async (_where, cut) => {
    const imgur = await startImgur();
    const form = pictureForm(JPEG);
    const body = form.getBuffer();
    const raw = begin(imgur, path, body.length, typeOf(form));
    raw.socket.write(body.subarray(0, cut(body.length)));
    await until(() => imgur.heldBytes > 10_000);

    raw.socket.destroy();
    await until(() => imgur.heldBytes === 0);
    expect(imgur.uploads).toEqual([]);
    expect(imgur.errors).toEqual([]);
    expect((await upload(imgur, JPEG, path)).status).toBe(200);
  });

  test('a form that closes before its Content-Length never becomes a picture', async () => {
    const imgur = await startImgur();
    const form = pictureForm(JPEG);
    const body = form.getBuffer();
    const raw = begin(imgur, path, body.length + 1, typeOf(form));
    raw.socket.write(body);
    await until(() => imgur.heldBytes >= JPEG.length);

    raw.socket.end();
    await until(() => imgur.heldBytes === 0);
    expect(imgur.uploads).toEqual([]);
    expect(raw.received()).not.toContain('200 OK');
  });

  test('a reset in the middle leaves nothing behind', async () => {
    const imgur = await startImgur();
    const form = pictureForm(JPEG);
    const body = form.getBuffer();
    const raw = begin(imgur, path, body.length, typeOf(form));
    raw.socket.write(body.subarray(0, 30_000));
    await until(() => imgur.heldBytes > 10_000);

    raw.socket.resetAndDestroy();
    await until(() => imgur.heldBytes === 0);
    expect(imgur.errors).toEqual([]);
  });
});

describe('room that an upload was promised', () => {
  test('is free again when its client leaves', async () => {
    const imgur = await startImgur({ maxBytes: 250_000, maxImageBytes: 200_000 });
    const form = pictureForm(JPEG);
    const raw = begin(imgur, '/3/image', 240_000, typeOf(form));
    raw.socket.write(form.getBuffer().subarray(0, 30_000));
    await until(() => imgur.heldBytes > 10_000);

    const waiting = upload(imgur, JPEG);
    raw.socket.destroy();
    expect((await waiting).status).toBe(200);
    expect(imgur.heldBytes).toBe(JPEG.length + RECORD_BYTES);
  });
});

describe('close', () => {
  test('ends uploads under way and connections kept alive', async () => {
    const imgur = await startImgur();
    const agent = new Agent({ keepAlive: true });
    const form = pictureForm(JPEG);
    const idle = await fetch(`${imgur.url}/3/image`, {
      method: 'POST',
      body: form.getBuffer(),
      headers: { Authorization: 'Client-ID tester', ...form.getHeaders() },
      agent,
    });
    await idle.text();
    await until(() => Object.keys(agent.freeSockets).length === 1);
    const raw = begin(imgur, '/3/image', 50_000, typeOf(form));
    raw.socket.write(form.getBuffer().subarray(0, 30_000));
    await until(() => imgur.heldBytes > JPEG.length + RECORD_BYTES);

    await imgur.close();
    await raw.closed;
    await until(() => Object.keys(agent.freeSockets).length === 0);
    await expect(post(`${imgur.url}/3/image`, pictureForm(JPEG))).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    expect(imgur.errors).toEqual([]);
  });
});
