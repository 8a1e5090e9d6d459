import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Fault, IMGUR_FAULTS } from '../../lib/imgur-stand-in/faults';
import { awaitUntil } from '../support/await-until';
import { startHostileSource, type HostileSource } from '../support/hostile-source';
import { picture } from '../support/pictures';
import { answer, ok, writeAndEnd } from '../support/plays';
import { startRecordingImgur, type RecordingImgur } from '../support/recording-imgur';
import { linesWithSecrets } from '../support/secrets';
import { startService, type Service } from '../support/service';

jest.setTimeout(120_000);

const KEY = 's3cret-api-key';
const PNG = picture('palette.png');
const SECRET_QUERY = 'sig=s3cret-signature&s3cret-bare&token=s3cret==#s3cret-fragment';

/** A promise nobody waits for rejects on SIGUSR2, and an error nobody catches is thrown on SIGXCPU. */
const DEFECT = `
  process.on('SIGUSR2', () => void Promise.reject(new Error('a defect on call')));
  process.on('SIGXCPU', () => { throw new Error('a crash on call'); });
`;

/** Refuses a few uploads in every way that a log tells of, repeating the credential in its words. */
const echoes = (credential: string): Fault => ({
  ...IMGUR_FAULTS.row3_bad_request,
  body: `{"data":{"error":"No image for ${credential}"},"success":false,"status":400}`,
});
const FAULTS: (Fault | undefined)[] = [
  undefined,
  IMGUR_FAULTS.reset_after_body,
  IMGUR_FAULTS.row16_could_not_process,
  IMGUR_FAULTS.ok_without_link,
  IMGUR_FAULTS.row5_forbidden,
];

describe('the log', () => {
  let source: HostileSource;
  let imgur: RecordingImgur;
  let service: Service;
  let folder: string;

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'image-relay-'));
    fs.writeFileSync(path.join(folder, 'secret'), 's3cret-client-secret\n');
    source = await startHostileSource({
      '/whole.png': ok(PNG),
      '/page.png': ok(Buffer.from('<h1>s3cret-page</h1>')),
      '/cut.png': writeAndEnd('HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n', PNG),
      '/hangs-up.png': writeAndEnd(),
      '/denied.png': answer(403, { 'x-key': 's3cret-header' }, Buffer.from('s3cret-body')),
      '/moved.png': answer(302, { location: `http://10.0.0.1/?${SECRET_QUERY}` }),
      '/odd.png': answer(302, { location: 'http://me:s3cret-password@a.example/' }),
      '/encoded.png': answer(200, { 'content-encoding': 's3cret-coding' }, PNG),
    });
    imgur = await startRecordingImgur({
      refreshTokens: ['s3cret-refresh-token'],
      clientIds: ['s3cret-client-id', 's3cret-own-id'],
      script: ({ count, headers: { authorization = '' } }) =>
        authorization.startsWith('Client-ID')
          ? echoes(authorization.slice(authorization.indexOf(' ') + 1))
          : FAULTS[count % FAULTS.length],
    });
    service = await startService({
      IMGUR_API_URL: imgur.url,
      IMGUR_CLIENT_ID: 's3cret-client-id',
      IMGUR_CLIENT_SECRET_FILE: path.join(folder, 'secret'),
      IMGUR_CLIENTID: 's3cret-misspelt',
      IMGUR_ACCESS_TOKEN: 's3cret-expired-token',
      IMGUR_REFRESH_TOKEN: 's3cret-refresh-token',
      API_KEYS: `${KEY},s3cret-other-key`,
      TRUSTED_PROXIES: '127.0.0.1/32',
      DOWNLOAD_ALLOWED_NETWORKS: '127.0.0.0/8',
      RETRY_DELAY_MS: '1',
      LOG_LEVEL: 'trace',
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(DEFECT)}`,
    });
  });
  afterAll(async () => {
    await service.stop();
    await Promise.all([source.close(), imgur.close()]);
    fs.rmSync(folder, { recursive: true });
  });

  it('names a variable that is misspelt', () => {
    const warnings = service.lines.filter(({ level }) => level === 'warn');
    expect(warnings[0]?.message).toBe('IMGUR_CLIENTID is no setting: is IMGUR_CLIENT_ID meant?');
  });

  it('is searched for secrets by a search that finds them', () => {
    expect(linesWithSecrets('{"a":1}\n{"b":"My-S3cret-token"}\n')).toEqual([
      '{"b":"My-S3cret-token"}',
    ]);
  });

  it('shows none of a job that fails in every way', async () => {
    const { port } = new URL(source.url);
    const paths = ['whole', 'page', 'cut', 'hangs-up', 'denied', 'moved', 'odd', 'encoded', 'gone'];
    const [whole = '', ...broken] = paths.map(
      (path) => `${source.url}/${path}.png?${SECRET_QUERY}`,
    );
    const urls = [
      whole,
      ...Array.from({ length: 6 }, (_, n) => `${source.url}/whole.png?n=s3cret-${n}`),
    ];
    const ofSources = [
      ...broken,
      `${source.selfSigned}/a.png?${SECRET_QUERY}`,
      `${source.closed}/a.png?${SECRET_QUERY}`,
      `http://10.0.0.1:${port}/a.png?${SECRET_QUERY}`,
      `http://printer.local/a.png?${SECRET_QUERY}`,
    ];
    const first = await service.submit(ofSources);
    // Once Imgur refuses the credential, whatever is not over fails by that.
    await service.completed(first);
    const ids = [
      first,
      await service.submit(urls),
      await service.submit(urls.slice(0, 1), { clientId: 's3cret-own-id' }),
      await service.submit(urls.slice(0, 1), { clientId: 's3cret-unknown-id' }),
    ];
    for (const id of ids) await service.completed(id);
    const codes = new Set<string>();
    for (const id of ids) {
      for (const { error } of await service.images(id)) codes.add(error?.code ?? 'complete');
    }
    expect([...codes].sort()).toEqual(
      expect.arrayContaining([
        'bad_encoding',
        'bad_redirect',
        'blocked_address',
        'complete',
        'connection_failed',
        'imgur_rejected',
        'not_an_image',
        'source_status',
        'tls_error',
        'truncated',
      ]),
    );
    // All of them were in use, and the log tells of it.
    expect(imgur.refreshes).toBe(1);
    expect(new Set(imgur.uploads.map(({ authorization }) => authorization))).toContain(
      'Client-ID s3cret-own-id',
    );
    const urlsTold = service.lines.filter(({ url }) => String(url).includes('=***'));
    expect(urlsTold.length).toBeGreaterThan(urls.length);
    expect(service.lines.some(({ possibleDuplicate }) => possibleDuplicate === true)).toBe(true);
    expect(linesWithSecrets(service.output.stdout)).toEqual([]);
  });

  it.each<[string, number, Record<string, string>, string]>([
    ['no key', 401, {}, '{}'],
    ['a wrong key', 401, { 'x-api-key': 's3cret-wrong' }, '{}'],
    ['no JSON', 400, { 'x-api-key': KEY }, '{"clientId": "s3cret-own-id", "urls": [s3cret'],
    ['URLs that are none', 400, { 'x-api-key': KEY }, '{"urls": ["http://me:s3cret@a.example/"]}'],
    ['an unknown path', 404, { 'x-api-key': KEY }, '{"s3cret": 1}'],
  ])('shows none of a request with %s', async (what, status, headers, body) => {
    const path = what === 'an unknown path' ? '/v2?key=s3cret' : '/v1/images/upload?key=s3cret';
    const all = { 'content-type': 'application/json', ...headers };
    const response = await fetch(service.url + path, { method: 'POST', headers: all, body });
    expect(response.status).toBe(status);
    expect(linesWithSecrets(service.output.stdout + service.output.stderr)).toEqual([]);
  });

  it.each([
    ['POST', '/v1/images/upload', 400, 's3cret-other-key', 2],
    ['DELETE', '/v1/images/upload/{jobId}', 404, KEY, 1],
    ['GET', '/v1/images', 401, 's3cret-wrong', null],
  ])('tells by the id in an answer of the %s %s that it is one to', async (...call) => {
    const [method, route, status, key, position] = call;
    const headers = { 'x-api-key': key, 'x-forwarded-for': '198.51.100.1, 192.0.2.7' };
    const path = route.replace('{jobId}', '7?token=s3cret');
    const response = await fetch(service.url + path, { method, headers });
    const requestId = response.headers.get('x-request-id');
    const line = await awaitUntil('the line', () =>
      service.lines.find((each) => each['requestId'] === requestId),
    );
    expect(line).toMatchObject({ method, route, status, client: '192.0.2.7', key: position });
  });

  it('tells of a rejection that nobody handles, and the service goes on', async () => {
    service.signal('SIGUSR2');
    const line = await awaitUntil('the line', () =>
      service.lines.find(({ message }) => message === 'unhandled rejection'),
    );
    expect(line).toMatchObject({ level: 'error', error: { message: 'a defect on call' } });
    const id = await service.submit([`${source.url}/page.png?after=s3cret`]);
    expect((await service.completed(id)).uploaded.failed).toHaveLength(1);
  });

  it('tells of a crash, whose exit status is not that of a bad setting', async () => {
    service.signal('SIGXCPU');
    expect(await service.exited).toBe(70);
    expect(service.lines.at(-1)).toMatchObject({ level: 'fatal', message: 'crashed' });
    expect(JSON.stringify(service.lines.at(-1))).toContain('a crash on call');
  });
});
