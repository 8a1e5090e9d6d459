import { awaitUntil } from '../support/await-until';
import { startRecordingImgur, type RecordingImgur } from '../support/recording-imgur';
import { startService, type JobBody, type Service } from '../support/service';
import { startSource, type SourceServer } from '../support/source-server';

jest.setTimeout(120_000);

const JSON_TYPE = { 'content-type': 'application/json' };

describe('cancel, retry, idempotency, the list of jobs and keys', () => {
  const key = { authorization: 'Bearer s3cret-key-two' };
  let service: Service;
  let source: SourceServer;
  let imgur: RecordingImgur;
  let isFixed = false;

  beforeAll(async () => {
    imgur = await startRecordingImgur({
      clientIds: ['s3cret-configured', 's3cret-of-the-job'],
    });
    source = await startSource({
      '/never.png': () => undefined,
      '/flaky.png': (_request, response) => {
        response.writeHead(isFixed ? 302 : 410, { location: '/palette.png' }).end();
      },
    });
    service = await startService({
      IMGUR_API_URL: imgur.url,
      IMGUR_CLIENT_ID: 's3cret-configured',
      DOWNLOAD_ALLOWED_NETWORKS: '127.0.0.0/8',
      API_KEYS: 's3cret-key-one, s3cret-key-two',
      CORS_ALLOWED_ORIGINS: 'https://app.example',
    });
  });
  afterAll(async () => {
    await service.stop();
    await Promise.all([source.close(), imgur.close()]);
  });

  type Init = { method?: string; headers?: Record<string, string>; body?: string };
  const call = (path: string, init: Init = {}): Promise<Response> =>
    fetch(service.url + path, { ...init, headers: { ...key, ...init.headers } });
  const submit = (urls: string[], headers = {}, extra = {}): Promise<Response> =>
    call('/v1/images/upload', {
      method: 'POST',
      headers: { ...JSON_TYPE, ...headers },
      body: JSON.stringify({ urls, ...extra }),
    });
  const idOf = async (response: Response): Promise<string> => {
    expect(response.status).toBe(202);
    return ((await response.json()) as { jobId: string }).jobId;
  };
  const job = async (id: string): Promise<JobBody> =>
    (await (await call(`/v1/images/upload/${id}`)).json()) as JobBody;
  const completed = (id: string): Promise<JobBody> =>
    awaitUntil(`job ${id}`, async () => {
      const body = await job(id);
      return body.status === 'complete' ? body : null;
    });

  it('cancels: what is complete stays, the rest ends as cancelled', async () => {
    const urls = [
      `${source.url}/palette.png`,
      ...[1, 2, 3].map((n) => `${source.url}/never.png?${n}`),
    ];
    const id = await idOf(await submit(urls));
    await awaitUntil('the first image', async () => (await job(id)).uploaded.complete.length === 1);
    const answer = await call(`/v1/images/upload/${id}`, { method: 'DELETE' });
    expect(answer.status).toBe(200);
    const cancelled = (await answer.json()) as JobBody;
    expect(cancelled).toMatchObject({ id, status: 'complete' });
    expect(cancelled.uploaded).toEqual({
      pending: [],
      complete: [expect.stringMatching(/^http/)],
      failed: urls.slice(1),
    });
    const { images } = (await (await call(`/v1/images/upload/${id}/images`)).json()) as {
      images: { error: { code: string } | null }[];
    };
    expect(images.map(({ error }) => error?.code)).toEqual([
      undefined,
      ...Array(3).fill('cancelled'),
    ]);

    const again = await call(`/v1/images/upload/${id}`, { method: 'DELETE' });
    expect(await again.json()).toEqual(cancelled);
  });

  it('retries the failed ones in a new job, with the same credential', async () => {
    const urls = [`${source.url}/palette.png`, `${source.url}/flaky.png`];
    const id = await idOf(await submit(urls, {}, { clientId: 's3cret-of-the-job' }));
    expect((await completed(id)).uploaded.failed).toEqual([urls[1]]);
    isFixed = true;
    const answer = await call(`/v1/images/upload/${id}/retry`, { method: 'POST' });
    const retried = await idOf(answer);
    expect(retried).not.toBe(id);
    expect(answer.headers.get('location')).toBe(`/v1/images/upload/${retried}`);
    expect((await completed(retried)).uploaded).toEqual({
      pending: [],
      complete: [expect.stringMatching(/png$/)],
      failed: [],
    });
    const nothingFailed = await call(`/v1/images/upload/${retried}/retry`, { method: 'POST' });
    expect(nothingFailed.status).toBe(409);
  });

  it('does not retry a job that is not complete', async () => {
    const id = await idOf(await submit([`${source.url}/never.png`]));
    expect((await call(`/v1/images/upload/${id}/retry`, { method: 'POST' })).status).toBe(409);
    await call(`/v1/images/upload/${id}`, { method: 'DELETE' });
  });

  it.each([
    ['DELETE', ''],
    ['POST', '/retry'],
    ['GET', '/images'],
  ])('knows no %s of an unknown job', async (method, suffix) => {
    const answer = await call(`/v1/images/upload/nobody${suffix}`, { method });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      404,
      'application/problem+json',
    ]);
  });

  it('gives the same job for the same Idempotency-Key and body, 422 for another body', async () => {
    const urls = [`${source.url}/palette.png`];
    const headers = { 'idempotency-key': 'once' };
    const first = await idOf(await submit(urls, headers));
    expect(await idOf(await submit(urls, headers))).toBe(first);
    expect(await idOf(await submit(urls))).not.toBe(first);
    const other = await submit([`${source.url}/still.gif`], headers);
    expect([other.status, other.headers.get('content-type')]).toEqual([
      422,
      'application/problem+json',
    ]);
    const ofAnother = { ...headers, authorization: 'Bearer s3cret-key-one' };
    expect(await idOf(await submit(urls, ofAnother))).not.toBe(first);
    expect((await submit(urls, { 'idempotency-key': 'x'.repeat(256) })).status).toBe(400);
  });

  it('lists the newest jobs first, with counts', async () => {
    const id = await idOf(await submit([`${source.url}/palette.png`, `${source.url}/nowhere.png`]));
    await completed(id);
    const { jobs } = (await (await call('/v1/images/upload?limit=2')).json()) as { jobs: object[] };
    expect(jobs).toHaveLength(2);
    expect(jobs[0]).toEqual({
      id,
      created: expect.stringMatching(/Z$/),
      finished: expect.stringMatching(/Z$/),
      status: 'complete',
      pending: 0,
      complete: 1,
      failed: 1,
    });
  });

  it.each(['0', '-1', '1001', 'many', ''])('refuses limit=%s', async (limit) => {
    expect((await call(`/v1/images/upload?limit=${limit}`)).status).toBe(400);
  });

  describe('with API_KEYS', () => {
    it.each([
      ['none', {}],
      ['a wrong one', { authorization: 'Bearer s3cret-key-three' }],
      ['a part of one', { 'x-api-key': 's3cret-key-tw' }],
      ['another scheme', { authorization: 'Basic s3cret-key-two' }],
    ])('refuses %s', async (_what, headers) => {
      for (const path of ['/v1/images', '/v1/images/upload', '/v1/images/upload/x']) {
        const answer = await fetch(service.url + path, {
          headers: headers as Record<string, string>,
        });
        expect(answer.status).toBe(401);
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
        expect(answer.headers.get('content-type')).toBe('application/problem+json');
      }
    });

    it.each([{ authorization: 'bearer s3cret-key-one' }, { 'x-api-key': 's3cret-key-two' }])(
      'takes %j',
      async (headers) => {
        const init = { headers: headers as unknown as Record<string, string> };
        expect((await fetch(`${service.url}/v1/images`, init)).status).toBe(200);
      },
    );

    it('keeps /health open', async () => {
      expect((await fetch(`${service.url}/health`)).status).toBe(200);
    });
  });

  it('is open to pages of the origins that are named, and to no others', async () => {
    const from = (origin: string): Promise<Response> => call('/v1/images', { headers: { origin } });
    const cors = async (origin: string): Promise<string | null> =>
      (await from(origin)).headers.get('access-control-allow-origin');
    expect(await cors('https://app.example')).toBe('https://app.example');
    expect(await cors('https://evil.example')).toBeNull();
    for (const path of ['/v1/images', '/embedded/none.png', '/']) {
      expect((await call(path)).headers.get('vary')).toMatch(/^origin/);
    }
    const preflight = await fetch(`${service.url}/v1/images/upload`, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.ok).toBe(true);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('idempotency-key');
    expect(preflight.headers.get('access-control-allow-credentials')).toBeNull();
  });
});
