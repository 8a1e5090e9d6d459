import FormData from 'form-data';
import fetch from 'node-fetch';
import { faultsInTurn } from '../../../lib/imgur-stand-in/play';
import { IMGUR_FAULTS } from '../../../lib/imgur-stand-in/faults';
import {
  fixture,
  type ImgurUnderTest,
  pictureForm,
  post,
  startImgur,
  stopImgurs,
} from './imgur-under-test';

afterEach(stopImgurs);

const GRANT = {
  refresh_token: 'first',
  client_id: 'tester',
  client_secret: 'secret',
  grant_type: 'refresh_token',
};

async function refresh(imgur: ImgurUnderTest, fields: Record<string, string>) {
  const response = await fetch(`${imgur.url}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams(fields),
  });
  const text = await response.text();
  return { status: response.status, text };
}

interface Tokens {
  access_token: string;
  refresh_token: string;
}

async function statusWith(imgur: ImgurUnderTest, token: string): Promise<number> {
  const headers = { Authorization: `Bearer ${token}` };
  return (await post(`${imgur.url}/3/image`, pictureForm(fixture('still.gif')), headers)).status;
}

describe('POST /oauth2/token', () => {
  test('issues a pair, unwrapped, and ends what was issued before', async () => {
    const imgur = await startImgur({ accessTokens: ['old'], refreshTokens: ['first'] });
    expect(await statusWith(imgur, 'old')).toBe(200);

    const first = await refresh(imgur, GRANT);
    const pair = JSON.parse(first.text) as Tokens;
    expect(first.status).toBe(200);
    expect(pair).toEqual({
      access_token: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
      refresh_token: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
      expires_in: 3600,
      token_type: 'bearer',
      account_id: 1,
      account_username: 'standin',
      scope: null,
    });
    expect(await statusWith(imgur, 'old')).toBe(403);
    expect(await statusWith(imgur, pair.access_token)).toBe(200);

    const again = await refresh(imgur, { ...GRANT, refresh_token: pair.refresh_token });
    const next = JSON.parse(again.text) as Tokens;
    expect(next.refresh_token).not.toBe(pair.refresh_token);
    expect(await statusWith(imgur, pair.access_token)).toBe(403);
    expect(await statusWith(imgur, next.access_token)).toBe(200);
  });

  test('takes a multipart form too', async () => {
    const imgur = await startImgur({ refreshTokens: ['first'] });
    const form = new FormData();
    for (const [name, value] of Object.entries(GRANT)) form.append(name, value);
    const response = await fetch(`${imgur.url}/oauth2/token`, { method: 'POST', body: form });
    expect(response.status).toBe(200);
    const { access_token } = (await response.json()) as Tokens;
    expect(await statusWith(imgur, access_token)).toBe(200);
  });

  test('refuses a refresh token that is unknown or was used', async () => {
    const imgur = await startImgur({ refreshTokens: ['first'] });
    expect((await refresh(imgur, GRANT)).status).toBe(200);
    expect(await refresh(imgur, GRANT)).toEqual({
      status: 400,
      text: '{"data":{"error":"Invalid refresh token","request":"\\/oauth2\\/token","method":"POST"},"success":false,"status":400}',
    });
  });

  test.each([
    [{ grant_type: 'password' }, 400, 'Invalid grant_type'],
    [{ client_id: 'stranger' }, 403, 'Invalid client_id'],
    [{ client_secret: '' }, 400, 'client credentials'],
  ])('refuses %j and keeps the refresh token', async (fields, status, error) => {
    const imgur = await startImgur({ clientIds: ['tester'], refreshTokens: ['first'] });
    const refused = await refresh(imgur, { ...GRANT, ...fields });
    expect(refused.status).toBe(status);
    expect(refused.text).toContain(error);
    expect((await refresh(imgur, GRANT)).status).toBe(200);
  });

  test('refuses a body that is no form', async () => {
    const imgur = await startImgur({ refreshTokens: ['first'] });
    const response = await fetch(`${imgur.url}/oauth2/token`, {
      method: 'POST',
      body: JSON.stringify(GRANT),
      headers: { 'Content-Type': 'application/json' },
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('"success":false');
  });

  test('plays its own script, and a literal reply uses nothing up', async () => {
    const imgur = await startImgur({
      refreshTokens: ['first'],
      tokenScript: faultsInTurn(
        IMGUR_FAULTS.row16_could_not_process,
        IMGUR_FAULTS.reset_before_body,
        { kind: 'reset', when: 'mid-body', afterBytes: 1 },
      ),
    });
    expect((await refresh(imgur, GRANT)).status).toBe(500);
    await expect(refresh(imgur, GRANT)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(refresh(imgur, GRANT)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await refresh(imgur, GRANT)).status).toBe(200);
  });
});
