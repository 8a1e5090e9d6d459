import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import FormData from 'form-data';
import fetch from 'node-fetch';
import { RECORD_BYTES } from '../../../lib/imgur-stand-in/store';
import {
  fileOf,
  fixture,
  type ImageReply,
  pictureForm,
  post,
  PROFILES,
  PUBLIC_URL,
  startImgur,
  stopImgurs,
  upload,
} from './imgur-under-test';

afterEach(stopImgurs);

/** A file that begins as a JPEG and goes on at random. */
function jpegOf(size: number): Buffer {
  return Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), randomBytes(size - 4)]);
}

describe.each(PROFILES)('POST %s', (path) => {
  test.each([
    ['baseline.jpg', 'jpg', 'image/jpeg'],
    ['palette.png', 'png', 'image/png'],
    ['animated.gif', 'gif', 'image/gif'],
    ['big.tiff', 'tiff', 'image/tiff'],
    ['plain.bmp', 'bmp', 'image/bmp'],
  ])('takes %s byte for byte', async (name, ext, type) => {
    const imgur = await startImgur();
    const bytes = fixture(name);
    const reply = await upload(imgur, bytes, path);

    expect(reply.data.link).toBe(`${PUBLIC_URL}/${reply.data.id}.${ext}`);
    expect(reply.data['type']).toBe(type);
    const kept = await imgur.picture(fileOf(reply.data.link));
    expect(kept?.bytes.equals(bytes)).toBe(true);
    expect(imgur.uploads).toHaveLength(1);
    expect(imgur.uploads[0]).toMatchObject({
      filename: 'picture.bin',
      partType: 'application/octet-stream',
      fields: { type: 'file' },
      path,
      authorization: 'Client-ID tester',
      picture: { id: reply.data.id },
    });
    expect(imgur.uploads[0]?.bytes.equals(bytes)).toBe(true);
    expect(imgur.uploads[0]?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);

    const served = await fetch(`${imgur.url}/${fileOf(reply.data.link)}`);
    expect(served.status).toBe(200);
    expect(served.headers.get('content-type')).toBe(type);
    expect(served.headers.get('content-length')).toBe(String(bytes.length));
    expect(served.headers.get('x-content-type-options')).toBe('nosniff');
    expect((await served.buffer()).equals(bytes)).toBe(true);
  });

  test('answers with every field of an image', async () => {
    const imgur = await startImgur();
    const bytes = fixture('animated.gif');
    const before = Math.floor(Date.now() / 1000);
    const form = pictureForm(bytes, { title: 'A title', description: 'Äöü', name: 'n.gif' });
    const response = await post(imgur.url + path, form);
    const { data, success, status } = (await response.json()) as ImageReply;

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect({ success, status }).toEqual({ success: true, status: 200 });
    expect(data).toEqual({
      id: expect.stringMatching(/^[0-9A-Za-z]{7}$/) as string,
      title: 'A title',
      description: 'Äöü',
      datetime: expect.any(Number) as number,
      type: 'image/gif',
      animated: true,
      width: 120,
      height: 90,
      size: bytes.length,
      views: 0,
      bandwidth: 0,
      vote: null,
      favorite: false,
      nsfw: null,
      section: null,
      account_url: null,
      account_id: 0,
      is_ad: false,
      in_most_viral: false,
      has_sound: false,
      tags: [],
      ad_type: 0,
      ad_url: '',
      edited: '0',
      in_gallery: false,
      deletehash: expect.stringMatching(/^[0-9A-Za-z]{15}$/) as string,
      name: 'n.gif',
      link: `${PUBLIC_URL}/${data.id}.gif`,
    });
    expect(data['datetime']).toBeGreaterThanOrEqual(before);
  });

  test('takes a picture of exactly the limit and refuses one byte more', async () => {
    const imgur = await startImgur({ maxImageBytes: 300_000 });
    const exact = await upload(imgur, jpegOf(300_000), path);
    expect(exact.status).toBe(200);
    const over = await upload(imgur, jpegOf(300_001), path);
    expect(over.success).toBe(false);
    expect(imgur.uploads).toHaveLength(1);
    expect(imgur.heldBytes).toBe(300_000 + RECORD_BYTES);
  });

  test('takes a form without a type, as ShareX sends it', async () => {
    const imgur = await startImgur();
    const form = new FormData();
    const file = { filename: 'shot.gif', contentType: 'image/gif' };
    form.append('image', fixture('still.gif'), file);
    const response = await post(imgur.url + path, form);
    expect(response.status).toBe(200);
    expect(imgur.uploads[0]).toMatchObject({ filename: 'shot.gif', fields: {} });
  });

  test('takes a form whose length is announced while its bytes stream', async () => {
    const imgur = await startImgur();
    const form = new FormData();
    form.append('type', 'file');
    form.append('image', createReadStream(join(__dirname, '../../fixtures/pictures/rgb8.png')));
    const length = await new Promise<number>((resolve, reject) =>
      form.getLength((error, known) => (error ? reject(error) : resolve(known))),
    );
    const response = await fetch(imgur.url + path, {
      method: 'POST',
      body: form,
      headers: {
        Authorization: 'Client-ID tester',
        'Content-Length': String(length),
        ...form.getHeaders(),
      },
    });
    expect(response.status).toBe(200);
    expect(imgur.uploads[0]?.bytes.equals(fixture('rgb8.png'))).toBe(true);
    expect(imgur.uploads[0]?.filename).toBe('rgb8.png');
  });
});

test('links lead to the stand-in itself, if to nothing else', async () => {
  const imgur = await startImgur({ publicUrl: undefined });
  const { data } = await upload(imgur, fixture('still.gif'));
  expect(data.link).toBe(`${imgur.url}/${data.id}.gif`);
  expect((await fetch(data.link)).status).toBe(200);
});

describe('the two back ends differ', () => {
  test('legacy escapes slashes and tells the reset as a Unix time', async () => {
    const imgur = await startImgur();
    const response = await post(`${imgur.url}/3/image`, pictureForm(fixture('still.gif')));
    const text = await response.text();
    expect(text).toContain('"type":"image\\/gif"');
    expect(text).toContain('"link":"http:\\/\\/pictures.example:3000\\/');
    expect(text.replaceAll('\\/', '')).not.toContain('/');
    expect(Number(response.headers.get('x-ratelimit-userreset'))).toBeGreaterThan(1e9);
    expect(Number(response.headers.get('x-post-rate-limit-reset'))).toBe(3600);
  });

  test('upload does neither', async () => {
    const imgur = await startImgur();
    const response = await post(`${imgur.url}/3/upload`, pictureForm(fixture('still.gif')));
    expect(await response.text()).toContain('"type":"image/gif"');
    expect(response.headers.get('x-ratelimit-userreset')).toBe('3600');
    expect(Number(response.headers.get('x-ratelimit-userremaining'))).toBeGreaterThan(1000);
    expect(Number(response.headers.get('x-ratelimit-clientremaining'))).toBeGreaterThan(1000);
    expect(Number(response.headers.get('x-post-rate-limit-remaining'))).toBeGreaterThan(1000);
  });

  test('the headers about limits can be set', async () => {
    const imgur = await startImgur({
      rateHeaders: (profile) => ({ 'X-RateLimit-UserRemaining': profile === 'legacy' ? '3' : '5' }),
    });
    const remaining = async (path: string): Promise<unknown> => {
      const response = await post(imgur.url + path, pictureForm(fixture('still.gif')));
      return response.headers.raw()['x-ratelimit-userremaining'];
    };
    expect(await remaining('/3/image')).toEqual(['3']);
    expect(await remaining('/3/upload')).toEqual(['5']);
  });
});

describe('memory', () => {
  test('the oldest picture goes when a new one would pass the limit', async () => {
    const cost = 50_000 + RECORD_BYTES;
    const imgur = await startImgur({ maxBytes: 3 * cost });
    const files: string[] = [];
    for (let index = 0; index < 4; index += 1) {
      files.push(fileOf((await upload(imgur, jpegOf(50_000))).data.link));
    }
    const kept = await Promise.all(files.map((file) => imgur.picture(file)));
    expect(kept.map((picture) => picture !== undefined)).toEqual([false, true, true, true]);
    expect(imgur.heldBytes).toBe(3 * cost);
    const gone = await fetch(`${imgur.url}/${files[0] ?? ''}`);
    expect(gone.status).toBe(404);
  });

  test('many uploads at once share little memory and all succeed', async () => {
    const imgur = await startImgur({ maxBytes: 700_000, maxImageBytes: 300_000 });
    const replies = await Promise.all(
      Array.from({ length: 12 }, () => upload(imgur, jpegOf(250_000))),
    );
    expect(replies.map((reply) => reply.status)).toEqual(Array(12).fill(200));
    expect(imgur.heldBytes).toBeLessThanOrEqual(700_000);
    expect(imgur.uploads).toHaveLength(12);
  });

  test('what memory cannot hold counts as too large', async () => {
    const imgur = await startImgur({ maxBytes: 100_000, maxImageBytes: 300_000 });
    const reply = await upload(imgur, jpegOf(100_001));
    expect(reply.data.error).toBe('File is over the size limit');
    expect((await upload(imgur, jpegOf(98_000))).status).toBe(200);
  });
});
