import { startService, type Service } from '../support/service';
import { startSource, type SourceServer } from '../support/source-server';

jest.setTimeout(120_000);

const UPLOAD = '/v1/images/upload';

/** Every answer that is fetched is checked on its way, as in all tests of this folder. */
describe('the description of the API', () => {
  let service: Service;
  let source: SourceServer;

  beforeAll(async () => {
    source = await startSource({ '/never.png': () => undefined });
    service = await startService({
      API_KEYS: 's3cret-key',
      DOWNLOAD_ALLOWED_NETWORKS: '127.0.0.0/8',
      MAX_URLS_PER_JOB: '3',
      MAX_QUEUED_IMAGES: '3',
      CONCURRENCY: '1',
    });
  });
  afterAll(async () => {
    await service.stop();
    await source.close();
  });

  const call = (
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body: string | null = null,
  ): Promise<Response> =>
    fetch(service.url + path, { method, headers: { 'x-api-key': 's3cret-key', ...headers }, body });
  const submit = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    call(
      'POST',
      UPLOAD,
      { 'content-type': 'application/json', ...headers },
      typeof body === 'string' ? body : JSON.stringify(body),
    );
  const created = async (...names: string[]): Promise<string> => {
    const answer = await submit({ urls: names.map((name) => `${source.url}/${name}`) });
    return ((await answer.json()) as { jobId: string }).jobId;
  };
  const statusOf = async (answer: Promise<Response>): Promise<number> => (await answer).status;

  it('is true of all that a job goes through', async () => {
    const id = await created('palette.png', 'missing.png');
    const links = async (): Promise<string[]> =>
      ((await (await call('GET', '/v1/images')).json()) as { uploaded: string[] }).uploaded;
    let link: string | undefined;
    while (!link) [link] = await links();
    const { pathname } = new URL(link);
    expect(await statusOf(call('GET', pathname))).toBe(200);
    expect(await statusOf(call('GET', `${UPLOAD}/${id}`))).toBe(200);
    expect(await statusOf(call('GET', `${UPLOAD}/${id}/images`))).toBe(200);
    expect(await statusOf(call('DELETE', `${UPLOAD}/${id}`))).toBe(200);
    expect(await statusOf(call('GET', `${UPLOAD}/${id}/images?format=csv`))).toBe(200);
    const once = { 'idempotency-key': 'album' };
    const made = await call('POST', `${UPLOAD}/${id}/album`, once);
    expect(made.status).toBe(201);
    const album = (await made.json()) as { link: string; deletehash: string };
    expect(await statusOf(call('GET', new URL(album.link).pathname))).toBe(200);
    const json = { 'content-type': 'application/json' };
    const titled = { ...once, ...json };
    const body = JSON.stringify({ title: 'x' });
    expect(await statusOf(call('POST', `${UPLOAD}/${id}/album`, titled, body))).toBe(422);
    const page = `/embedded/delete/${album.deletehash}`;
    expect(await statusOf(call('GET', page))).toBe(200);
    expect(await statusOf(call('POST', page))).toBe(200);
    expect(await statusOf(call('GET', page))).toBe(404);
    expect(await statusOf(call('POST', page))).toBe(404);
    expect(await statusOf(call('GET', new URL(album.link).pathname))).toBe(404);
    const imageId = /(\w+)\.\w+$/.exec(pathname)?.[1] ?? '';
    expect(await statusOf(call('DELETE', `/v1/images/${imageId}`))).toBe(204);
    expect(await statusOf(call('DELETE', `/v1/images/${imageId}`))).toBe(404);
    expect(await statusOf(call('POST', `${UPLOAD}/${id}/album`))).toBe(409);
    const large = 'x'.repeat(1_100_000);
    expect(await statusOf(call('POST', `${UPLOAD}/${id}/album`, json, large))).toBe(413);
    const plain = { 'content-type': 'text/plain' };
    expect(await statusOf(call('POST', `${UPLOAD}/${id}/album`, plain, 'x'))).toBe(415);
    expect(await statusOf(call('POST', `${UPLOAD}/${id}/retry`))).toBe(202);
    expect(await statusOf(call('GET', `${UPLOAD}?limit=2`))).toBe(200);
  });

  it('is true of what the service tells of itself', async () => {
    for (const path of ['/health', '/ready', '/metrics', '/openapi.json', '/']) {
      expect(await statusOf(call('GET', path))).toBe(200);
      expect(await statusOf(call('HEAD', path))).toBe(200);
    }
    const etag = (await call('GET', '/')).headers.get('etag') ?? '';
    expect(await statusOf(call('GET', '/', { 'if-none-match': etag }))).toBe(304);
  });

  it('is true of what is refused', async () => {
    const urls = [`${source.url}/palette.png`];
    expect(await statusOf(submit({ urls: [7, 'x'] }))).toBe(400);
    expect(await statusOf(submit({ urls: Array(4).fill(urls[0]) }))).toBe(413);
    expect(await statusOf(submit('x'.repeat(11_000_000)))).toBe(413);
    expect(await statusOf(submit('x', { 'content-type': 'text/plain' }))).toBe(415);
    const once = { 'idempotency-key': 'once' };
    await submit({ urls }, once);
    expect(await statusOf(submit({ urls: [`${urls[0]}?2`] }, once))).toBe(422);
    expect(await statusOf(call('POST', `${UPLOAD}/nobody/retry`, once))).toBe(422);
    expect(await statusOf(call('GET', `${UPLOAD}?limit=many`))).toBe(400);
    // The second one waits for as long as the first one lasts, so three more are too many.
    const id = await created('never.png', 'never.png?2');
    expect(await statusOf(submit({ urls: [1, 2, 3].map((n) => `${urls[0]}?${n}`) }))).toBe(503);
    expect(await statusOf(call('POST', `${UPLOAD}/${id}/retry`))).toBe(409);
    await call('DELETE', `${UPLOAD}/${id}`);
    expect(await statusOf(call('PUT', UPLOAD))).toBe(405);
    expect(await statusOf(call('DELETE', UPLOAD))).toBe(405);
    expect(await statusOf(call('GET', '/nowhere'))).toBe(404);
    expect(await statusOf(call('GET', '/embedded/nothing.png'))).toBe(404);
    expect(await statusOf(call('GET', '/embedded/%zz'))).toBe(400);
    for (const [method, path] of [
      ['GET', `${UPLOAD}/ID`],
      ['DELETE', `${UPLOAD}/ID`],
      ['GET', `${UPLOAD}/ID/images`],
      ['POST', `${UPLOAD}/ID/retry`],
      ['POST', `${UPLOAD}/ID/album`],
      ['DELETE', '/v1/images/ID'],
      ['GET', '/embedded/a/ID'],
      ['GET', '/embedded/delete/ID'],
      ['POST', '/embedded/delete/ID'],
    ] as const) {
      expect(await statusOf(call(method, path.replace('ID', 'nobody')))).toBe(404);
      expect(await statusOf(call(method, path.replace('ID', '%zz')))).toBe(400);
    }
  });

  it('is true of callers without a key', async () => {
    const paths = service.api.described.filter((answer) => answer.endsWith(' 401'));
    for (const answer of paths) {
      const [method = '', path = ''] = answer.split(' ');
      const init = { method, headers: { 'content-type': 'application/json' } };
      expect(await statusOf(fetch(service.url + path.replace(/\{\w+\}/, 'x'), init))).toBe(401);
    }
    const closed = paths.map((answer) => answer.replace(' 401', ''));
    // Whatever is open to everybody has to be meant to be, and so is named here.
    expect(service.api.operations.filter((operation) => !closed.includes(operation))).toEqual([
      'GET /embedded/{file}',
      'GET /embedded/a/{albumId}',
      'GET /embedded/delete/{deletehash}',
      'POST /embedded/delete/{deletehash}',
      'GET /health',
      'GET /ready',
      'GET /openapi.json',
      'GET /',
    ]);
  });

  it('leaves no call out: each was made, and all answers that can be provoked were seen', () => {
    const { operations, described, seen } = service.api;
    const succeeded = new Set(
      [...seen].flatMap((answer) => /^(.+) 2\d\d$/.exec(answer)?.[1] ?? []),
    );
    // Only the gateway finds a request malformed whose path has no parameter.
    const isProvoked = (answer: string): boolean =>
      !answer.endsWith(' 500') && !/^GET [^{]* 400$/.test(answer);
    const unseen = described.filter((answer) => !seen.has(answer) && isProvoked(answer));
    // The names say what to do where a new call or answer is found here.
    expect({
      'calls to be made in this file': operations.filter((each) => !succeeded.has(each)),
      'answers to be provoked in this file': unseen,
    }).toEqual({
      'calls to be made in this file': [],
      'answers to be provoked in this file': [
        // Where jobs are in memory, no database is ever away. What Imgur refuses of an album or a
        // deletion is provoked in the tests of these.
        'GET /v1/images/upload 503',
        'GET /v1/images/upload/{jobId} 503',
        'DELETE /v1/images/upload/{jobId} 503',
        'GET /v1/images/upload/{jobId}/images 503',
        'POST /v1/images/upload/{jobId}/album 502',
        'POST /v1/images/upload/{jobId}/album 503',
        'POST /v1/images/upload/{jobId}/retry 503',
        'GET /v1/images 503',
        'DELETE /v1/images/{imageId} 502',
        'DELETE /v1/images/{imageId} 503',
        'GET /health 503',
        'GET /ready 503',
      ],
    });
  });
});
