import { handler as cancelUpload } from '../../../handlers/cancel-upload';
import { handler as createUpload } from '../../../handlers/create-upload';
import { handler as getUpload } from '../../../handlers/get-upload';
import { handler as health } from '../../../handlers/health';
import { handler as listImages } from '../../../handlers/list-images';
import { handler as noRoute } from '../../../handlers/no-route';
import { bodyOf, invoke } from '../../support/invoke';
import { installTestApp } from '../../support/test-app';

const KEYS = { API_KEYS: 's3cret-first,s3cret-second' };
const UPLOADS = '/v1/images/upload';
const BODY = { urls: ['https://a.example/1.png?sig=s3cret'] };
const SECOND = { 'x-api-key': 's3cret-second' };

describe('the line of a call', () => {
  it('that changes something says who called what, with which key, and what came of it', async () => {
    const { lines } = installTestApp({ ...KEYS, TRUSTED_PROXIES: '10.0.0.0/8' });
    const answer = await invoke(createUpload, {
      method: 'POST',
      path: UPLOADS,
      headers: {
        ...SECOND,
        'x-request-id': 'asked-for-1',
        'x-forwarded-for': '203.0.113.9, 192.0.2.7',
      },
      query: { token: 's3cret' },
      body: BODY,
      sourceIp: '10.0.0.1',
    });
    const { time, durationMs, ...line } = lines.at(-1)!;
    expect(typeof time).toBe('string');
    expect(durationMs).toEqual(expect.any(Number));
    expect(line).toEqual({
      level: 'info',
      requestId: 'asked-for-1',
      method: 'POST',
      route: UPLOADS,
      status: 202,
      client: '192.0.2.7',
      key: 2,
      jobId: bodyOf(answer)['jobId'],
      message: 'request answered',
    });
    expect(answer.headers['x-request-id']).toBe('asked-for-1');
    expect(JSON.stringify(lines)).not.toContain('s3cret');
  });

  it('names the route and not the path, and the job that was asked for', async () => {
    const { app, lines } = installTestApp();
    const { jobId: id } = await app.store.create({ urls: BODY.urls, clientId: null });
    const route = `${UPLOADS}/{jobId}`;
    const call = { method: 'DELETE', path: `${UPLOADS}/${id}`, route };
    await invoke(cancelUpload, { ...call, params: { jobId: id } });
    expect(lines.at(-1)).toMatchObject({
      method: 'DELETE',
      route,
      status: 200,
      jobId: id,
      key: null,
    });
    await invoke(cancelUpload, { ...call, params: { jobId: 's3cret' } });
    expect(lines.at(-1)).toMatchObject({ route, status: 404 });
    expect(lines.at(-1)).not.toHaveProperty('jobId');
  });

  it('that would change something is there also when it was refused', async () => {
    const { lines } = installTestApp();
    await invoke(createUpload, { method: 'POST', path: UPLOADS, body: '{"urls": [s3cret' });
    expect(lines).toMatchObject([{ level: 'info', status: 400, message: 'request answered' }]);
  });

  it.each([
    ['no key', {}],
    ['a wrong key', { authorization: 'Bearer s3cret-third' }],
  ])('with %s is there for calls that only read, too', async (_what, headers) => {
    const { lines } = installTestApp(KEYS);
    await invoke(listImages, { path: '/v1/images', headers, sourceIp: '192.0.2.7' });
    expect(lines).toMatchObject([
      {
        level: 'warn',
        requestId: 'request-1',
        method: 'GET',
        route: '/v1/images',
        status: 401,
        client: '192.0.2.7',
        key: null,
        message: 'request refused',
      },
    ]);
  });

  it('that the service cannot answer is there for calls that only read, too', async () => {
    const { lines } = installTestApp({}, { draining: true });
    await invoke(health, { path: '/health' });
    expect(lines).toMatchObject([{ level: 'warn', route: '/health', status: 503 }]);
  });

  it('that meets a defect is one, with the stack', async () => {
    const list = () => Promise.reject(new Error('internal detail'));
    const { lines } = installTestApp(KEYS, { links: { read: list } as never });
    const headers = { authorization: 'Bearer s3cret-first' };
    await invoke(listImages, { path: '/v1/images', headers });
    expect(lines).toMatchObject([
      {
        level: 'error',
        status: 500,
        key: 1,
        error: { message: 'internal detail', stack: expect.stringContaining('access-log.test') },
        message: 'request failed',
      },
    ]);
  });

  it('is not there for one that only reads, or that no route takes', async () => {
    const { lines } = installTestApp(KEYS);
    await invoke(listImages, { path: '/v1/images', headers: SECOND });
    await invoke(getUpload, { path: `${UPLOADS}/1`, params: { jobId: '1' }, headers: SECOND });
    const event = { routeKey: '$default', rawPath: '/wp-login.php', headers: {} };
    const requestContext = { http: { method: 'POST', path: '/wp-login.php' } };
    await noRoute({ ...event, requestContext } as never, { awsRequestId: 'request-1' } as never);
    expect(lines).toEqual([]);
  });

  it('of an invocation without HTTP is none, and it is answered', async () => {
    const { lines } = installTestApp();
    const answer = await health({} as never, { awsRequestId: 'request-1' } as never);
    expect([answer.statusCode, lines]).toEqual([200, []]);
  });
});
