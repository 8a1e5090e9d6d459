import fetch from 'node-fetch';
import { createFaultControl } from '../../../lib/imgur-stand-in/control';
import { IMGUR_FAULTS } from '../../../lib/imgur-stand-in/faults';
import {
  fixture,
  type ImgurUnderTest,
  openRaw,
  pictureForm,
  post,
  startImgur,
  stopImgurs,
  until,
} from './imgur-under-test';

afterEach(stopImgurs);

const GIF = fixture('still.gif');
const NOTHING_LEFT = { left: { upload: 0, token: 0 }, repeat: false };

function startScripted(): Promise<ImgurUnderTest> {
  return startImgur({ ...createFaultControl(), refreshTokens: ['first'] });
}

async function control(imgur: ImgurUnderTest, method: string, script?: unknown) {
  const body = script === undefined ? {} : { body: JSON.stringify(script) };
  const response = await fetch(`${imgur.url}/faults`, { method, ...body });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** The statuses of so many uploads, one after the other; a reset is 0. */
async function uploads(imgur: ImgurUnderTest, count: number): Promise<number[]> {
  const statuses: number[] = [];
  while (statuses.length < count) {
    const upload = post(`${imgur.url}/3/image`, pictureForm(GIF));
    statuses.push(await upload.then(({ status }) => status).catch(() => 0));
  }
  return statuses;
}

async function refresh(imgur: ImgurUnderTest): Promise<number> {
  const response = await fetch(`${imgur.url}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      refresh_token: 'first',
      client_id: 'tester',
      client_secret: 'secret',
      grant_type: 'refresh_token',
    }),
  });
  return response.status;
}

describe('/faults', () => {
  test('tells the names of what can be played', async () => {
    const imgur = await startScripted();
    expect(await control(imgur, 'GET')).toEqual({
      status: 200,
      body: { ...NOTHING_LEFT, known: Object.keys(IMGUR_FAULTS) },
    });
  });

  test('has faults played in turn, known ones and others, then none', async () => {
    const imgur = await startScripted();
    const teapot = { kind: 'reply', when: 'after-body', status: 418, headers: {}, body: '' };
    const upload = ['row16_could_not_process', null, 'reset_after_body', teapot];
    const taken = await control(imgur, 'PUT', { upload });
    expect(taken).toMatchObject({ status: 200, body: { left: { upload: 4, token: 0 } } });

    expect(await uploads(imgur, 5)).toEqual([500, 200, 0, 418, 200]);
    expect((await control(imgur, 'GET')).body).toMatchObject(NOTHING_LEFT);
  });

  test('has them played again and again on request, until they are taken back', async () => {
    const imgur = await startScripted();
    const script = { upload: ['row13_daily_limit', null], repeat: true };
    const { body } = await control(imgur, 'PUT', script);
    expect(body).toMatchObject({ left: { upload: 2 }, repeat: true });
    expect(await uploads(imgur, 5)).toEqual([429, 200, 429, 200, 429]);

    expect((await control(imgur, 'DELETE')).body).toMatchObject(NOTHING_LEFT);
    expect(await uploads(imgur, 2)).toEqual([200, 200]);
  });

  test('keeps those of tokens apart', async () => {
    const imgur = await startScripted();
    await control(imgur, 'PUT', { token: ['row17_first_byte_timeout', 'row16_errors'] });
    expect(await uploads(imgur, 1)).toEqual([200]);
    expect([await refresh(imgur), await refresh(imgur)]).toEqual([503, 500]);
    expect(await refresh(imgur)).toBe(200);
  });

  test('takes a new script for the old one', async () => {
    const imgur = await startScripted();
    await control(imgur, 'PUT', { upload: ['row16_errors'], token: ['row16_errors'] });
    await control(imgur, 'PUT', { upload: ['row18_gateway_timeout'] });
    expect(await uploads(imgur, 2)).toEqual([504, 200]);
    expect(await refresh(imgur)).toBe(200);
  });

  test('takes every known fault as it would be written out', async () => {
    const imgur = await startScripted();
    const upload = Object.values(IMGUR_FAULTS);
    const { body } = await control(imgur, 'PUT', { upload });
    expect(body).toMatchObject({ left: { upload: upload.length } });
  });

  const reply = { kind: 'reply', when: 'after-body', status: 500, headers: {}, body: '' };
  test.each([
    [
      'an unknown name',
      { upload: [null, 'constructor'] },
      /name of a known fault.*\n.*upload\[1\]/,
    ],
    ['an unknown kind', { token: [{ kind: 'fire' }] }, /name of a known fault.*\n.*token\[0\]/],
    ['an unknown key', { uploads: [] }, /uploads/],
    ['a status that is none', { upload: [{ ...reply, status: 99 }] }, /upload\[0\]\.status/],
    ['a header name that is none', { upload: [{ ...reply, headers: { 'a b': '' } }] }, /headers/],
    ['a header that ends', { upload: [{ ...reply, headers: { a: 'b\nc' } }] }, /headers/],
    ['a reset without its place', { upload: [{ kind: 'reset', when: 'mid-body' }] }, /afterBytes/],
    ['a wait that no timer takes', { upload: [{ kind: 'delay', ms: 2 ** 31 }] }, /ms/],
  ])('refuses %s and keeps what it had', async (_what, script, error) => {
    const imgur = await startScripted();
    await control(imgur, 'PUT', { upload: ['row16_errors'] });
    const refused = await control(imgur, 'PUT', script);
    expect(refused).toEqual({ status: 400, body: { error: expect.stringMatching(error) } });
    expect(await uploads(imgur, 2)).toEqual([500, 200]);
    expect(imgur.errors).toEqual([]);
  });

  test('refuses what is no JSON, and what is too long or of unknown length', async () => {
    const imgur = await startScripted();
    const raw = (head: string): Promise<string> => {
      const { socket, received } = openRaw(imgur, ['PUT /faults HTTP/1.1', head]);
      return until(() => received().endsWith('}\n')).then(() => {
        socket.destroy();
        return received();
      });
    };
    const response = await fetch(`${imgur.url}/faults`, { method: 'PUT', body: '{' });
    expect([response.status, await response.json()]).toEqual([400, { error: 'Expected JSON' }]);
    expect(await raw('Content-Length: 1048577')).toMatch(/^HTTP\/1\.1 413 /);
    expect(await raw('Transfer-Encoding: chunked')).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('is unknown where it was not asked for', async () => {
    const imgur = await startImgur();
    const body = JSON.stringify({ upload: ['row16_errors'] });
    expect((await fetch(`${imgur.url}/faults`, { method: 'PUT', body })).status).toBe(404);
    expect(await uploads(imgur, 1)).toEqual([200]);
  });
});
