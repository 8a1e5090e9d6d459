import { connectRaw } from '../support/raw-connection';
import { startService, type Service } from '../support/service';
import { startSource, type SourceServer } from '../support/source-server';

jest.setTimeout(120_000);

interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: { pointer: string; detail: string }[];
}

const UPLOAD = '/v1/images/upload';
const JSON_TYPE = { 'content-type': 'application/json' };

describe('what is wrong with a request is answered as a problem', () => {
  let service: Service;
  let source: SourceServer;
  beforeAll(async () => {
    source = await startSource({ '/never.png': () => undefined });
    service = await startService({
      DOWNLOAD_ALLOWED_NETWORKS: '127.0.0.0/8',
      MAX_URLS_PER_JOB: '3',
      MAX_QUEUED_IMAGES: '3',
      CONCURRENCY: '1',
      REQUEST_TIMEOUT_MS: '3000',
      CORS_ALLOWED_ORIGINS: 'https://app.example',
    });
  });
  afterAll(async () => {
    await service.stop();
    await source.close();
  });

  async function problemOf(response: Response): Promise<Problem> {
    const text = await response.text();
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(text).not.toMatch(/stack|node_modules|\.ts:|127\.0\.0\.1|at .*\(/i);
    const problem = JSON.parse(text) as Problem;
    expect(problem).toMatchObject({ type: 'about:blank', status: response.status });
    expect(problem.title).not.toBe('');
    expect(problem.detail).not.toBe('');
    expect(response.headers.get('x-request-id')).toMatch(/./);
    expect(response.headers.get('vary')).toBe('origin');
    return problem;
  }

  async function post(body: string, headers: Record<string, string> = JSON_TYPE): Promise<Problem> {
    return problemOf(await fetch(service.url + UPLOAD, { method: 'POST', headers, body }));
  }

  it.each([
    ['malformed JSON', '{"urls": [', 400],
    ['an empty body', '', 400],
    ['null', 'null', 400],
    ['an array', '["http://a.example/x.png"]', 400],
    ['a number', '7', 400],
    ['no urls', '{}', 400],
    ['no URL in urls', '{"urls": []}', 400],
    ['urls that are no array', '{"urls": "http://a.example/x.png"}', 400],
    ['a client ID with blanks', '{"urls": ["http://a.example/x.png"], "clientId": "a b"}', 400],
    ['an unknown key', '{"urls": ["http://a.example/x.png"], "client_id": "x"}', 400],
    ['too many URLs', JSON.stringify({ urls: Array(4).fill('http://a.example/') }), 413],
  ])('%s', async (_what, body, status) => {
    expect((await post(body)).status).toBe(status);
  });

  it('names every bad item of urls', async () => {
    const urls = [7, 'http://a.example/x.png', null];
    expect((await post(JSON.stringify({ urls }))).errors).toEqual([
      { pointer: '/urls/0', detail: 'Expected string, received number' },
      { pointer: '/urls/2', detail: 'Expected string, received null' },
    ]);
  });

  it.each([
    ['ftp://a.example/x.png'],
    ['/x.png'],
    ['http://user:hunter2@a.example/x.png'],
    [`http://a.example/x.png?${'y'.repeat(8192)}`],
  ])('a URL that is not what it should be: %s', async (url) => {
    const problem = await post(JSON.stringify({ urls: ['http://a.example/', url] }));
    expect(problem.status).toBe(400);
    expect(problem.errors).toEqual([
      { pointer: '/urls/1', detail: expect.stringMatching(/^Expected .*, got /) },
    ]);
    expect(JSON.stringify(problem)).not.toContain('hunter2');
  });

  it.each([
    ['over 1 MiB', 1_048_577],
    ['over what the gateway takes', 11_000_000],
  ])('a body %s', async (_what, bytes) => {
    expect((await post('x'.repeat(bytes))).status).toBe(413);
  });

  it('a body of exactly 1 MiB is not too large', async () => {
    const body = JSON.stringify({ urls: ['x'] }).padEnd(1_048_576, ' ');
    expect((await post(body)).status).toBe(400);
  });

  it.each([
    [{ 'content-type': 'text/plain' }],
    [{ 'content-type': 'application/x-www-form-urlencoded' }],
    [{ ...JSON_TYPE, 'content-encoding': 'gzip' }],
  ])('a body of another type: %j', async (headers) => {
    expect((await post('{"urls": ["http://a.example/x.png"]}', headers)).status).toBe(415);
  });

  it.each(['/nowhere', `${UPLOAD}/x/y/z`, '/v1', '//v1', '/.env', '/embedded/', '/health//'])(
    'an unknown path: %s',
    async (path) => {
      expect((await problemOf(await fetch(service.url + path))).status).toBe(404);
    },
  );

  it.each([
    UPLOAD + '/55355b7c-0000-4000-8000-000000000000',
    `${UPLOAD}/x`,
    `${UPLOAD}/%00/images`,
  ])('an unknown job: %s', async (path) => {
    expect((await problemOf(await fetch(service.url + path))).status).toBe(404);
  });

  it.each([
    ['DELETE', '/v1/images', 'GET, HEAD, OPTIONS'],
    ['PUT', UPLOAD, 'GET, HEAD, POST, OPTIONS'],
    ['POST', `${UPLOAD}/x/images`, 'GET, HEAD, OPTIONS'],
    ['PATCH', '/health', 'GET, HEAD, OPTIONS'],
  ])('the wrong method: %s %s', async (method, path, allow) => {
    const response = await fetch(service.url + path, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
    await problemOf(response);
  });

  /** What comes back for what no client library would send. */
  async function raw(text: string): Promise<Problem> {
    const { port } = new URL(service.url);
    const connection = await connectRaw(Number(port), text);
    const [head = '', body = ''] = (await connection.ended).split('\r\n\r\n');
    const [start = '', ...lines] = head.split('\r\n');
    const headers = lines.map((line) => line.split(': ') as [string, string]);
    return problemOf(new Response(body, { status: Number(start.split(' ')[1]), headers }));
  }
  const START = `POST ${UPLOAD} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n`;

  it.each([
    [
      'a path that cannot be decoded',
      `GET ${UPLOAD}/%zz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`,
      400,
    ],
    [
      'the same where a page asks what it may do there',
      `OPTIONS ${UPLOAD}/%zz HTTP/1.1\r\nhost: a\r\norigin: https://app.example\r\nconnection: close\r\n\r\n`,
      400,
    ],
    ['a request that is no HTTP', 'hello\r\n\r\n', 400],
    ['headers that are too large', `${START}x: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['an expectation', `${START}expect: tea\r\n\r\n`, 417],
    ['a body that breaks off', `${START}transfer-encoding: chunked\r\n\r\nzz\r\n`, 400],
    ['a body that never ends', `${START}content-length: 100\r\n\r\n{`, 408],
    ['headers that never end', START, 408],
  ])('%s', async (_what, text, status) => {
    expect((await raw(text)).status).toBe(status);
  });

  it('a body whose length is not told is too large as well', async () => {
    const body = new Blob(['x'.repeat(1_048_577)]).stream();
    const init = { method: 'POST', headers: JSON_TYPE, body, duplex: 'half' } as RequestInit;
    expect((await problemOf(await fetch(service.url + UPLOAD, init))).status).toBe(413);
  });

  it('a body that is no UTF-8: another URL than was sent would be fetched', async () => {
    const body = Buffer.from('{"urls": ["http://a.example/é.png"]}', 'latin1');
    const init = { method: 'POST', headers: JSON_TYPE, body };
    const problem = await problemOf(await fetch(service.url + UPLOAD, init));
    expect([problem.status, problem.detail]).toEqual([
      400,
      'Expected a body in UTF-8, got other bytes.',
    ]);
  });

  it('a queue that is full: 503 with Retry-After, and nothing of the job is kept', async () => {
    const never = `${source.url}/never.png`;
    const waiting = await service.submit([never, `${never}?2`]);
    const urls = ['http://a.invalid/1', 'http://a.invalid/2', 'http://a.invalid/3'];
    const response = await fetch(service.url + UPLOAD, {
      method: 'POST',
      headers: JSON_TYPE,
      body: JSON.stringify({ urls }),
    });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '10']);
    await problemOf(response);
    const { jobs } = (await (await fetch(service.url + UPLOAD)).json()) as { jobs: unknown[] };
    expect(jobs).toEqual([expect.objectContaining({ id: waiting })]);
    await fetch(`${service.url}${UPLOAD}/${waiting}`, { method: 'DELETE' });
  });

  it('is closed to pages of other origins', async () => {
    const response = await fetch(`${service.url}/v1/images`, {
      headers: { origin: 'https://evil.example' },
    });
    const cors = [...response.headers.keys()].filter((name) => name.startsWith('access-control'));
    expect(cors).toEqual([]);
    expect(response.headers.get('vary')).toBe('origin');
  });

  it('answers OPTIONS of a known path with its methods', async () => {
    const response = await fetch(service.url + UPLOAD, { method: 'OPTIONS' });
    expect([response.status, response.headers.get('allow')]).toEqual([
      204,
      'GET, HEAD, POST, OPTIONS',
    ]);
  });
});
