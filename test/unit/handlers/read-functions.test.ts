import { handler as cancelUpload } from '../../../handlers/cancel-upload';
import { handler as embeddedImage } from '../../../handlers/embedded-image';
import { handler as getUpload } from '../../../handlers/get-upload';
import { handler as getUploadImages } from '../../../handlers/get-upload-images';
import { handler as health } from '../../../handlers/health';
import { handler as ready } from '../../../handlers/ready';
import { handler as listImages } from '../../../handlers/list-images';
import { handler as listUploads } from '../../../handlers/list-uploads';
import { handler as noRoute } from '../../../handlers/no-route';
import { handler as processUpload } from '../../../handlers/process-upload';
import { handler as retryUpload } from '../../../handlers/retry-upload';
import type { App } from '../../../lib/app';
import { bodyOf, invoke } from '../../support/invoke';
import { installTestApp } from '../../support/test-app';

const URLS = ['https://a.example/1.png', 'https://a.example/2.png', 'https://a.example/3.png'];
const ERROR = { code: 'empty', message: 'The source sent no bytes.', retryable: false } as const;

/** A job whose first image is complete, whose second has failed, and whose third waits. */
async function jobHalfDone({ store }: App): Promise<string> {
  const { id } = await store.create({ urls: URLS, clientId: 'its-own' });
  await store.update(id, 0, { type: 'start' });
  await store.update(id, 0, {
    type: 'complete',
    link: 'https://i.imgur.com/a.png',
    bytes: 7,
    mime: 'image/png',
    durationMs: 12,
  });
  await store.update(id, 1, { type: 'fail', error: ERROR, durationMs: 0 });
  return id;
}

describe('get-upload', () => {
  it('shows sources that wait or failed, and links, in order and with no other keys', async () => {
    const { app } = installTestApp();
    const jobId = await jobHalfDone(app);
    const answer = await invoke(getUpload, { params: { jobId } });
    expect([answer.statusCode, bodyOf(answer)]).toEqual([
      200,
      {
        id: jobId,
        created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        finished: null,
        status: 'in-progress',
        uploaded: {
          pending: [URLS[2]],
          complete: ['https://i.imgur.com/a.png'],
          failed: [URLS[1]],
        },
      },
    ]);
  });

  it('answers 404 for a job that it does not know', async () => {
    installTestApp();
    const answer = await invoke(getUpload, { params: { jobId: 'nobody' } });
    expect(bodyOf(answer)).toMatchObject({ type: 'about:blank', title: 'Not Found', status: 404 });
  });
});

describe('get-upload-images', () => {
  it('shows what is known of each image', async () => {
    const { app } = installTestApp();
    const jobId = await jobHalfDone(app);
    const unknown = { link: null, error: null, attempts: 0, bytes: null, type: null };
    expect(bodyOf(await invoke(getUploadImages, { params: { jobId } }))).toEqual({
      images: [
        {
          url: URLS[0],
          status: 'complete',
          link: 'https://i.imgur.com/a.png',
          error: null,
          attempts: 1,
          bytes: 7,
          type: 'image/png',
          durationMs: 12,
        },
        { ...unknown, url: URLS[1], status: 'failed', error: ERROR, durationMs: 0 },
        { ...unknown, url: URLS[2], status: 'pending', durationMs: null },
      ],
    });
  });
});

describe('list-images', () => {
  it('shows every link', async () => {
    const { app } = installTestApp();
    await jobHalfDone(app);
    expect(bodyOf(await invoke(listImages))).toEqual({ uploaded: ['https://i.imgur.com/a.png'] });
  });
});

describe('list-uploads', () => {
  it('shows jobs with their counts, newest first', async () => {
    const { app } = installTestApp();
    const older = await jobHalfDone(app);
    const newer = await jobHalfDone(app);
    const { jobs } = bodyOf<{ jobs: { id: string }[] }>(await invoke(listUploads));
    expect(jobs.map(({ id }) => id)).toEqual([newer, older]);
    expect(jobs[0]).toMatchObject({ status: 'in-progress', pending: 1, complete: 1, failed: 1 });
    const one = bodyOf<{ jobs: object[] }>(await invoke(listUploads, { query: { limit: '1' } }));
    expect(one.jobs).toHaveLength(1);
  });
});

describe('cancel-upload', () => {
  it('asks the scheduler to end a job that is not complete', async () => {
    const { app, scheduled } = installTestApp();
    const jobId = await jobHalfDone(app);
    expect((await invoke(cancelUpload, { params: { jobId } })).statusCode).toBe(200);
    expect(scheduled).toEqual([jobId]);
  });

  it('leaves a complete job as it is', async () => {
    const { app, scheduled } = installTestApp();
    const jobId = await jobHalfDone(app);
    await app.store.update(jobId, 2, { type: 'fail', error: ERROR, durationMs: 0 });
    const answer = await invoke(cancelUpload, { params: { jobId } });
    expect(bodyOf(answer)).toMatchObject({ id: jobId, status: 'complete' });
    expect(scheduled).toEqual([]);
  });
});

describe('retry-upload', () => {
  it('submits the failed sources again, with the credential of their job', async () => {
    const { app, invoked } = installTestApp();
    const jobId = await jobHalfDone(app);
    await app.store.update(jobId, 2, { type: 'fail', error: ERROR, durationMs: 0 });
    const answer = await invoke(retryUpload, { method: 'POST', params: { jobId } });
    const { jobId: retried } = bodyOf<{ jobId: string }>(answer);
    expect(answer.statusCode).toBe(202);
    expect(invoked).toEqual([{ name: 'process-upload', event: { jobId: retried } }]);
    const job = await app.store.get(retried);
    expect([job?.clientId, job?.images.map(({ url }) => url)]).toEqual(['its-own', URLS.slice(1)]);
  });

  it('honours an Idempotency-Key: one new job for each, and 422 for another job', async () => {
    const { app, invoked } = installTestApp();
    const [jobId, other] = [await jobHalfDone(app), await jobHalfDone(app)];
    for (const id of [jobId, other]) {
      await app.store.update(id, 2, { type: 'fail', error: ERROR, durationMs: 0 });
    }
    const headers = { 'idempotency-key': 'once' };
    const retry = (id: string) =>
      invoke(retryUpload, { method: 'POST', params: { jobId: id }, headers });
    const first = bodyOf<{ jobId: string }>(await retry(jobId));
    const second = bodyOf<{ jobId: string }>(await retry(jobId));
    expect(second.jobId).toBe(first.jobId);
    expect(invoked).toHaveLength(1);
    expect((await retry(other)).statusCode).toBe(422);
  });

  it('leaves no trace of an Idempotency-Key that came too early', async () => {
    const { app } = installTestApp();
    const jobId = await jobHalfDone(app);
    const retry = () =>
      invoke(retryUpload, {
        method: 'POST',
        params: { jobId },
        headers: { 'idempotency-key': 'once' },
      });
    expect((await retry()).statusCode).toBe(409);
    await app.store.update(jobId, 2, { type: 'fail', error: ERROR, durationMs: 0 });
    expect((await retry()).statusCode).toBe(202);
  });

  it('answers 409 while the job is not complete', async () => {
    const { app, invoked } = installTestApp();
    const jobId = await jobHalfDone(app);
    expect((await invoke(retryUpload, { method: 'POST', params: { jobId } })).statusCode).toBe(409);
    expect(invoked).toEqual([]);
  });
});

describe('health', () => {
  it('says what there is to do and which Imgur gets it', async () => {
    const { app } = installTestApp({ IMGUR_CLIENT_ID: 'x' });
    await jobHalfDone(app);
    const answer = await invoke(health);
    expect([answer.statusCode, bodyOf(answer)]).toEqual([
      200,
      {
        status: 'ok',
        imgur: 'https://api.imgur.com',
        pending: 1,
        inFlight: 0,
        pausedUntil: null,
      },
    ]);
  });

  it('says that it is draining, with 503', async () => {
    installTestApp({}, { draining: true, embedded: { samples: ['http://s/1.png'] } as never });
    const answer = await invoke(health);
    expect([answer.statusCode, bodyOf(answer)]).toMatchObject([
      503,
      { status: 'draining', imgur: 'embedded', samples: ['http://s/1.png'] },
    ]);
  });
});

describe('ready', () => {
  it('says that new images can be expected to succeed, or with 503 why not, to everybody', async () => {
    installTestApp({ API_KEYS: 's3cret-key' });
    const answer = await invoke(ready);
    expect([answer.statusCode, bodyOf(answer)]).toEqual([200, { status: 'ready' }]);
    const reason = 'Imgur refused the client ID.';
    installTestApp({}, { unready: () => Promise.resolve(reason) });
    const refusal = await invoke(ready);
    expect([refusal.statusCode, bodyOf(refusal)]).toMatchObject([503, { detail: reason }]);
    expect(refusal.headers).toMatchObject({ 'retry-after': '10' });
  });
});

describe('embedded-image', () => {
  it('gives a picture with its type, and 404 for one that is gone', async () => {
    const stored = { type: 'image/png', bytes: Buffer.from('png') };
    const picture = (file: string) => (file === 'abc.png' ? stored : undefined);
    installTestApp({}, { embedded: { picture } as never });
    const answer = await invoke(embeddedImage, { params: { file: 'abc.png' } });
    expect(answer).toMatchObject({ statusCode: 200, isBase64Encoded: true });
    expect(answer.headers).toMatchObject({ 'content-type': 'image/png' });
    expect(Buffer.from(answer.body, 'base64').toString()).toBe('png');
    expect((await invoke(embeddedImage, { params: { file: 'gone.png' } })).statusCode).toBe(404);
  });

  it('has nothing where another Imgur is configured', async () => {
    installTestApp({ IMGUR_CLIENT_ID: 'x' });
    expect((await invoke(embeddedImage, { params: { file: 'abc.png' } })).statusCode).toBe(404);
  });
});

describe('no-route', () => {
  it.each([
    ['GET', '/nowhere', 404, undefined],
    ['DELETE', '/v1/images', 405, 'GET, HEAD, OPTIONS'],
    ['OPTIONS', '/v1/images', 204, 'GET, HEAD, OPTIONS'],
    ['OPTIONS', '/nowhere', 404, undefined],
  ])('answers %s %s with %i', async (method, path, status, allow) => {
    installTestApp();
    const answer = await invoke(noRoute, { method, path });
    expect([answer.statusCode, answer.headers['allow']]).toEqual([status, allow]);
  });
});

describe('process-upload', () => {
  const context = { awsRequestId: 'x' } as never;

  it('has the scheduler run the job, and resolves when that does', async () => {
    const { scheduled } = installTestApp();
    expect(await processUpload({ jobId: 'one' }, context)).toEqual({ jobId: 'one' });
    expect(scheduled).toEqual(['one']);
  });

  it('fails for a job that does not exist', async () => {
    const run = () => Promise.reject(new RangeError('Expected a job of the store, got nobody'));
    const { lines } = installTestApp({}, { scheduler: { run } as never });
    await expect(processUpload({ jobId: 'nobody' }, context)).rejects.toThrow(RangeError);
    expect(lines).toMatchObject([{ level: 'error', jobId: 'nobody' }]);
  });
});
