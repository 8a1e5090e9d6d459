import http from 'node:http';
import { isRelayError, type ReasonCode } from '../../../lib/errors';
import {
  createCredentials,
  type CredentialParts,
  type Credentials,
} from '../../../lib/imgur/credentials';
import { collectLog } from './collect-log';
import { answer, bodyOf, startServer, type TinyServer } from './tiny-server';

const SECRETS = ['s3cret-access-token', 's3cret-refresh-token', 's3cret-client-secret', 'token-1'];

let server: TinyServer;
let requests: URLSearchParams[];
let handle: (res: http.ServerResponse, count: number) => void;
const agent = new http.Agent({ keepAlive: true });
const lines = collectLog();

const pair = (res: http.ServerResponse, count: number): void =>
  answer(res, 200, {
    access_token: `token-${count}`,
    refresh_token: `refresh-${count}`,
    expires_in: 3600,
    token_type: 'bearer',
  });
const refusal = (error: string, status: number) => ({ data: { error }, success: false, status });

beforeAll(async () => {
  server = await startServer((req, res) => {
    void bodyOf(req).then((body) => {
      const agent = String(req.headers['user-agent']);
      const told = `path=${String(req.url)}&agent=${agent}`;
      requests.push(new URLSearchParams(`${body.toString()}&${told}`));
      handle(res, requests.length);
    });
  });
});

beforeEach(() => {
  requests = [];
  handle = pair;
});

afterAll(async () => {
  agent.destroy();
  await server.close();
});

const ACCOUNT = {
  clientId: 's3cret-client-id',
  clientSecret: 's3cret-client-secret',
  accessToken: 's3cret-access-token',
  refreshToken: 's3cret-refresh-token',
};

function create(parts: Partial<CredentialParts> = {}): Credentials {
  return createCredentials({
    clientId: null,
    clientSecret: null,
    accessToken: null,
    refreshToken: null,
    apiUrl: server.url,
    agent,
    userAgent: 'image-relay/test',
    timeoutMs: 5000,
    log: lines.log,
    ...parts,
  });
}

async function expectRefusal(promise: Promise<unknown>, code: ReasonCode): Promise<void> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(isRelayError(error) && error.code).toBe(code);
}

describe('precedence', () => {
  it.each([
    ['nothing', {}, null, ''],
    ['a client ID', { clientId: 'abc' }, null, 'Client-ID abc'],
    ['an access token', { accessToken: 'tok' }, null, 'Bearer tok'],
    ['both', { clientId: 'abc', accessToken: 'tok' }, null, 'Bearer tok'],
    ["a job's client ID", { clientId: 'abc', accessToken: 'tok' }, 'mine', 'Client-ID mine'],
  ])('with %s', async (_, parts, jobClientId, expected) => {
    await expect(create(parts).authorization(jobClientId)).resolves.toBe(expected);
    expect(requests).toHaveLength(0);
  });
});

describe('the first token', () => {
  it('is fetched once for all that ask, with the fields Imgur documents', async () => {
    const credentials = create({ ...ACCOUNT, accessToken: null });
    const all = await Promise.all(
      Array.from({ length: 20 }, () => credentials.authorization(null)),
    );
    expect(new Set(all)).toEqual(new Set(['Bearer token-1']));
    expect(requests.map((request) => Object.fromEntries(request))).toEqual([
      {
        path: '/oauth2/token',
        agent: 'image-relay/test',
        grant_type: 'refresh_token',
        client_id: 's3cret-client-id',
        client_secret: 's3cret-client-secret',
        refresh_token: 's3cret-refresh-token',
      },
    ]);
  });

  it.each(['Invalid refresh token', 'Bad Request'])(
    'is imgur_auth where Imgur says "%s", and is not asked for again',
    async (words) => {
      handle = (res) => answer(res, 400, refusal(words, 400));
      const credentials = create({ ...ACCOUNT, accessToken: null });
      await expectRefusal(credentials.authorization(null), 'imgur_auth');
      await expectRefusal(credentials.authorization(null), 'imgur_auth');
      expect(requests).toHaveLength(1);
    },
  );
});

describe('refresh', () => {
  it('makes one request for 20 refusals at once', async () => {
    const credentials = create(ACCOUNT);
    const all = Array.from({ length: 20 }, () => credentials.refresh('Bearer s3cret-access-token'));
    await Promise.all(all);
    expect(requests).toHaveLength(1);
    await expect(credentials.authorization(null)).resolves.toBe('Bearer token-1');
  });

  it('knows a token that was replaced in the meantime', async () => {
    const credentials = create(ACCOUNT);
    await credentials.refresh('Bearer s3cret-access-token');
    await credentials.refresh('Bearer s3cret-access-token');
    expect(requests).toHaveLength(1);
  });

  it('uses the rotated refresh token the next time', async () => {
    const credentials = create(ACCOUNT);
    await credentials.refresh('Bearer s3cret-access-token');
    await credentials.refresh('Bearer token-1');
    const used = requests.map((request) => request.get('refresh_token'));
    expect(used).toEqual(['s3cret-refresh-token', 'refresh-1']);
    await expect(credentials.authorization(null)).resolves.toBe('Bearer token-2');
  });

  it('keeps the refresh token where Imgur sends no other', async () => {
    handle = (res, count) => answer(res, 200, { access_token: `token-${count}` });
    const credentials = create(ACCOUNT);
    await credentials.refresh('Bearer s3cret-access-token');
    await credentials.refresh('Bearer token-1');
    expect(requests[1]?.get('refresh_token')).toBe('s3cret-refresh-token');
  });

  it('makes uploads that begin meanwhile wait for the new token', async () => {
    const credentials = create(ACCOUNT);
    const refreshed = credentials.refresh('Bearer s3cret-access-token');
    await expect(credentials.authorization(null)).resolves.toBe('Bearer token-1');
    await refreshed;
  });

  it.each<[string, Partial<CredentialParts>, string, boolean]>([
    ['an access token with all that it takes', ACCOUNT, 'Bearer s3cret-access-token', true],
    ['an access token alone', { accessToken: 'tok' }, 'Bearer tok', false],
    ['one without a client secret', { ...ACCOUNT, clientSecret: null }, 'Bearer tok', false],
    ["a job's client ID", ACCOUNT, 'Client-ID mine', false],
  ])('may help %s or not', (_, parts, authorization, expected) => {
    expect(create(parts).isRenewable(authorization)).toBe(expected);
  });

  it('throws when Imgur refuses, and neither asks again nor gives the old token out', async () => {
    handle = (res) => answer(res, 400, refusal('Invalid refresh token', 400));
    const credentials = create(ACCOUNT);
    const refused = 'Bearer s3cret-access-token';
    await expectRefusal(credentials.refresh(refused), 'imgur_auth');
    await expectRefusal(credentials.refresh(refused), 'imgur_auth');
    await expectRefusal(credentials.authorization(null), 'imgur_auth');
    await expect(credentials.authorization('mine')).resolves.toBe('Client-ID mine');
    expect(requests).toHaveLength(1);
  });

  it('asks once more a minute after a refusal, and goes on with what it gets', async () => {
    handle = (res) => answer(res, 400, refusal('Invalid refresh token', 400));
    let elapsed = 0;
    const credentials = create({ ...ACCOUNT, now: () => elapsed });
    await expectRefusal(credentials.refresh('Bearer s3cret-access-token'), 'imgur_auth');
    elapsed = 59_999;
    await expectRefusal(credentials.authorization(null), 'imgur_auth');
    expect(requests).toHaveLength(1);
    elapsed = 60_000;
    handle = pair;
    await expect(credentials.authorization(null)).resolves.toBe('Bearer token-2');
  });

  it.each<[string, ReasonCode, (res: http.ServerResponse) => void]>([
    ['503', 'imgur_unavailable', (res) => answer(res, 503, '<title>503</title>')],
    ['429', 'imgur_unavailable', (res) => answer(res, 429, refusal('Too Many Requests', 429))],
    ['a reset', 'imgur_unavailable', (res) => void res.socket?.destroy()],
    ['no token', 'imgur_bad_response', (res) => answer(res, 200, '{"data":true}')],
    [
      'a token that is none',
      'imgur_bad_response',
      (res) => answer(res, 200, '{"access_token":"a\\nb"}'),
    ],
    ['a redirect', 'imgur_bad_response', (res) => answer(res, 302, '', { Location: '/' })],
    ['far too much', 'imgur_bad_response', (res) => answer(res, 200, `{"a":"${'x'.repeat(1e6)}"}`)],
  ])('throws for %s, and works the next time', async (_, code, how) => {
    handle = how;
    const credentials = create(ACCOUNT);
    await expectRefusal(credentials.refresh('Bearer s3cret-access-token'), code);
    handle = pair;
    await credentials.refresh('Bearer s3cret-access-token');
    await expect(credentials.authorization(null)).resolves.toBe('Bearer token-2');
  });

  it.each<[string, (res: http.ServerResponse) => void]>([
    ['never answers', () => undefined],
    ['never ends its answer', (res) => void res.writeHead(200).write('{')],
  ])('has a time limit for an Imgur that %s', async (_, how) => {
    handle = how;
    const credentials = create({ ...ACCOUNT, timeoutMs: 50 });
    await expectRefusal(credentials.refresh('Bearer s3cret-access-token'), 'imgur_timeout');
  });
});

it('ends with the agent: a refresh that hangs keeps no process alive', async () => {
  const own = new http.Agent({ keepAlive: true });
  const arrived = new Promise<http.ServerResponse>((resolve) => {
    handle = resolve;
  });
  const refreshed = expectRefusal(
    create({ ...ACCOUNT, agent: own }).refresh('Bearer s3cret-access-token'),
    'imgur_unavailable',
  );
  const response = await arrived;
  const closed = new Promise((resolve) => response.once('close', resolve));
  own.destroy();
  await closed;
  await refreshed;
});

describe('key', () => {
  it('names the configured credential "default", also where a job repeats it', () => {
    expect(create(ACCOUNT).key(null)).toBe('default');
    expect(create({ clientId: 'abc' }).key('abc')).toBe('default');
    expect(create(ACCOUNT).key('s3cret-client-id')).not.toBe('default');
  });

  it("names a job's client ID without showing it", () => {
    const credentials = create();
    expect(credentials.key('s3cret-own-client-id')).toMatch(/^client-[0-9a-f]{12}$/);
    expect(credentials.key('s3cret-own-client-id')).toBe(credentials.key('s3cret-own-client-id'));
    expect(credentials.key('other')).not.toBe(credentials.key('s3cret-own-client-id'));
  });
});

it('says in the log that it refreshed, and writes no secret into log or message', async () => {
  handle = (res) => answer(res, 500, refusal(`failed for ${SECRETS.join(' ')}`, 500));
  const error: unknown = await create(ACCOUNT)
    .refresh('Bearer s3cret-access-token')
    .catch((thrown: unknown) => thrown);
  const message = (error as Error).message;
  expect(message).toContain('failed for');
  expect(message).not.toContain('s3cret-refresh-token');
  expect(message).not.toContain('s3cret-client-secret');
  expect(lines.text()).toContain('refreshed');
  for (const secret of SECRETS) expect(lines.text()).not.toContain(secret);
});
