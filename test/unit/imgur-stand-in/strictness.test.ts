import { PassThrough } from 'node:stream';
import FormData from 'form-data';
import fetch, { type Response } from 'node-fetch';
import { MAX_DRAINED_BYTES } from '../../../lib/imgur-stand-in/replies';
import {
  fixture,
  type ImageReply,
  type ImgurUnderTest,
  openRaw,
  pictureForm,
  post,
  PROFILES,
  startImgur,
  stopImgurs,
  until,
} from './imgur-under-test';

afterEach(stopImgurs);

const GIF = fixture('still.gif');

async function expectRefusal(
  response: Response,
  imgur: ImgurUnderTest,
  status: number,
  error: unknown,
): Promise<void> {
  const body = (await response.json()) as ImageReply;
  expect(response.status).toBe(status);
  expect(body).toMatchObject({ success: false, status, data: { error, method: 'POST' } });
  expect(imgur.heldBytes).toBe(0);
  expect(imgur.errors).toEqual([]);
}

describe.each(PROFILES)('POST %s is strict', (path) => {
  test.each([
    [{ Authorization: 'Client-ID' }, 403, 'Malformed auth header'],
    [{ Authorization: 'Basic dGVzdGVy' }, 403, 'Malformed auth header'],
    [{ Authorization: 'client-id tester' }, 403, 'Malformed auth header'],
    [{ Authorization: 'Client-ID someone-else' }, 403, 'Invalid client_id'],
    [{ Authorization: 'Bearer wrong' }, 403, 'The access token provided is invalid.'],
    [{ Origin: 'http://localhost:3000' }, 403, /Origin or a Referer/],
    [{ Referer: 'http://localhost:3000/' }, 403, /Origin or a Referer/],
    [{ 'content-type': 'application/json' }, 400, /multipart\/form-data/],
    [{ 'content-type': 'application/x-www-form-urlencoded' }, 400, /multipart\/form-data/],
    [{ 'content-type': 'multipart/form-data' }, 400, /boundary/],
  ] as const)('about the headers: %j', async (headers, status, error) => {
    const imgur = await startImgur({ clientIds: ['tester'], accessTokens: ['right'] });
    const response = await post(imgur.url + path, pictureForm(GIF), headers);
    const expected: unknown = typeof error === 'string' ? error : expect.stringMatching(error);
    await expectRefusal(response, imgur, status, expected);
    expect(imgur.uploads).toEqual([]);
  });

  test('about a missing credential', async () => {
    const imgur = await startImgur();
    const form = pictureForm(GIF);
    const response = await fetch(imgur.url + path, {
      method: 'POST',
      body: form.getBuffer(),
      headers: form.getHeaders(),
    });
    await expectRefusal(response, imgur, 401, 'Authentication required');
  });

  test.each(['Client-ID tester', 'Bearer right'])('lets %s in', async (Authorization) => {
    const imgur = await startImgur({ clientIds: ['tester'], accessTokens: ['right'] });
    const response = await post(imgur.url + path, pictureForm(GIF), { Authorization });
    const { data } = (await response.json()) as ImageReply;
    expect(response.status).toBe(200);
    expect(data['account_id']).toBe(Authorization.startsWith('Bearer') ? 1 : 0);
  });

  test('about a chunked body', async () => {
    const imgur = await startImgur();
    const form = pictureForm(GIF);
    const response = await fetch(imgur.url + path, {
      method: 'POST',
      // Of a form node-fetch knows the length; of a stream it does not.
      body: form.pipe(new PassThrough()),
      headers: { Authorization: 'Client-ID tester', ...form.getHeaders() },
    });
    const error: unknown = expect.stringContaining('Content-Length');
    await expectRefusal(response, imgur, 411, error);
    expect(imgur.uploads).toEqual([]);
  });

  const file = { filename: 'a.gif', contentType: 'image/gif' };
  const forms: readonly [string, (form: FormData) => void, RegExp][] = [
    ['a URL instead of bytes', (form) => form.append('image', 'https://a.example/b.gif'), /file/],
    ['base64', (form) => form.append('image', GIF.toString('base64').slice(0, 100)), /file/],
    [
      'no filename',
      (form) => {
        form.append('type', 'file');
        form.append('image', GIF, { contentType: 'application/octet-stream' });
      },
      /filename/,
    ],
    ...['url', 'base64', 'raw'].map((type): [string, (form: FormData) => void, RegExp] => [
      `type ${type}`,
      (form) => {
        form.append('type', type);
        form.append('image', GIF, file);
      },
      new RegExp(`type must be file, not ${type}`),
    ]),
    [
      'another name than image',
      (form) => {
        form.append('type', 'file');
        form.append('video', GIF, file);
      },
      /named image/,
    ],
    [
      'two images',
      (form) => {
        form.append('type', 'file');
        form.append('image', GIF, file);
        form.append('image', GIF, file);
      },
      /named image/,
    ],
    ['no image', (form) => form.append('type', 'file'), /^(No image data|Bad Request)/],
    [
      'more parts than any form has',
      (form) => {
        for (let index = 0; index < 40; index += 1) form.append(`field${index}`, 'x');
      },
      /too many parts/,
    ],
  ];

  test.each(forms)('about a form with %s', async (_what, fill, error) => {
    const imgur = await startImgur();
    const form = new FormData();
    fill(form);
    const response = await post(imgur.url + path, form);
    await expectRefusal(response, imgur, 400, expect.stringMatching(error));
    expect(imgur.uploads).toEqual([]);
  });

  test('about a body that is no form, or one without its end', async () => {
    const imgur = await startImgur();
    const form = pictureForm(GIF);
    for (const body of [Buffer.from('hello'), form.getBuffer().subarray(0, 5000)]) {
      const response = await fetch(imgur.url + path, {
        method: 'POST',
        body,
        headers: { Authorization: 'Client-ID tester', ...form.getHeaders() },
      });
      await expectRefusal(response, imgur, 400, expect.stringContaining('cannot be read'));
    }
    expect(imgur.uploads).toEqual([]);
  });
});

describe('the type is judged by the first bytes', () => {
  const refused = [
    'lossy.webp',
    'lossless.webp',
    'still.heic',
    'still.avif',
    'active.svg',
    'document.pdf',
    'page.jpg',
  ];

  test.each(refused)('legacy refuses %s', async (name) => {
    const imgur = await startImgur();
    const response = await post(`${imgur.url}/3/image`, pictureForm(fixture(name)));
    expect(response.status).toBe(400);
    expect(await response.text()).toBe(
      '{"data":{"error":{"code":1003,"message":"File type invalid (1)","type":"ImgurException","exception":[]},"request":"\\/3\\/image","method":"POST"},"success":false,"status":400}',
    );
    expect(imgur.uploads).toMatchObject([{ picture: null }]);
    expect(imgur.heldBytes).toBe(0);
  });

  test.each(refused)('upload refuses %s', async (name) => {
    const imgur = await startImgur();
    const response = await post(`${imgur.url}/3/upload`, pictureForm(fixture(name)));
    await expectRefusal(response, imgur, 400, "We don't support that file type!");
  });

  test('an empty file is no picture', async () => {
    const imgur = await startImgur();
    const empty = pictureForm(Buffer.alloc(0));
    const legacy = await post(`${imgur.url}/3/image`, empty);
    await expectRefusal(legacy, imgur, 400, expect.objectContaining({ code: 1003 }));
    const upload = await post(`${imgur.url}/3/upload`, pictureForm(Buffer.alloc(0)));
    await expectRefusal(upload, imgur, 400, 'Bad Request');
  });
});

describe('a picture that is too large', () => {
  const LEGACY_BODY =
    '{"data":{"error":"File is over the size limit","request":"\\/3\\/image","method":"POST"},"success":false,"status":400}';

  // Within the allowance for the form it is only found while counting; above, the headers tell.
  test.each([100_001, 400_000])('%d bytes are refused on legacy', async (size) => {
    const imgur = await startImgur({ maxImageBytes: 100_000 });
    const form = pictureForm(Buffer.alloc(size, GIF));
    const response = await post(`${imgur.url}/3/image`, form);
    expect(response.status).toBe(400);
    expect(await response.text()).toBe(LEGACY_BODY);
    expect(imgur.uploads).toEqual([]);
    expect(imgur.heldBytes).toBe(0);
  });

  test.each([100_001, 400_000])('%d bytes are refused on upload', async (size) => {
    const imgur = await startImgur({ maxImageBytes: 100_000 });
    const response = await post(`${imgur.url}/3/upload`, pictureForm(Buffer.alloc(size, GIF)));
    expect(response.status).toBe(413);
    const { data } = (await response.json()) as ImageReply;
    expect(JSON.parse(data.error as string)).toEqual({
      id: expect.stringMatching(/^legacy-api-/) as string,
      code: 413,
      detail: 'file is over the size limit',
      status: 'Request Entity Too Large',
    });
    expect(imgur.heldBytes).toBe(0);
  });

  test('is refused on its headers alone, before the body is sent', async () => {
    const imgur = await startImgur();
    const raw = openRaw(imgur, [
      'POST /3/image HTTP/1.1',
      'Authorization: Client-ID tester',
      'Content-Type: multipart/form-data; boundary=b',
      'Content-Length: 20000000',
    ]);
    await until(() => raw.received().endsWith(LEGACY_BODY));
    expect(raw.received()).toMatch(/^HTTP\/1\.1 400 /);
    raw.socket.destroy();
  });

  test('does not cost its sender the reply, though the body was not wanted', async () => {
    const imgur = await startImgur({ maxImageBytes: 100_000 });
    const form = pictureForm(Buffer.alloc(20_000_000, GIF));
    // node-fetch closes the connection after each exchange, unless an agent says otherwise.
    const response = await post(`${imgur.url}/3/upload`, form, { Connection: 'close' });
    expect(response.status).toBe(413);
  });

  test('is not read for ever', async () => {
    const imgur = await startImgur();
    const raw = openRaw(imgur, [
      'POST /3/image HTTP/1.1',
      'Authorization: Client-ID tester',
      'Transfer-Encoding: chunked',
    ]);
    const chunk = Buffer.concat([
      Buffer.from('100000\r\n'),
      Buffer.alloc(0x100000),
      Buffer.from('\r\n'),
    ]);
    let written = 0;
    const write = (): void => {
      while (!raw.socket.destroyed && written < 4 * MAX_DRAINED_BYTES) {
        written += chunk.length;
        if (!raw.socket.write(chunk)) return;
      }
    };
    raw.socket.on('drain', write);
    write();
    await raw.closed;
    expect(raw.received()).toMatch(/^HTTP\/1\.1 411 /);
    expect(written).toBeGreaterThan(MAX_DRAINED_BYTES);
    expect(written).toBeLessThan(4 * MAX_DRAINED_BYTES);
  });
});
