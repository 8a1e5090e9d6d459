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
import { bodyOf, invoke } from '../../support/invoke';
import { COMPLETE, FAIL, settleNext } from '../../support/settle-next';
import { installTestApp, type TestApp } from '../../support/test-app';

const URLS = ['https://a.example/1.png', 'https://a.example/2.png', 'https://a.example/3.png'];

/** A job whose first image is complete, whose second has failed, and whose third waits. */
async function jobHalfDone({ jobs }: TestApp): Promise<string> {
  const { jobId } = await jobs.create({ urls: URLS, clientId: 'its-own' });
  await settleNext(jobs, jobId, COMPLETE, { ...FAIL, counted: false });
  return jobId;
}

/** The same, whose third has failed as well. */
async function jobDone(test: TestApp): Promise<string> {
  const jobId = await jobHalfDone(test);
  await settleNext(test.jobs, jobId, FAIL);
  return jobId;
}

describe('get-upload', () => {
  it('shows sources that wait or failed, and links, in order and with no other keys', async () => {
    const test = installTestApp();
    const jobId = await jobHalfDone(test);
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
    const test = installTestApp();
    const jobId = await jobHalfDone(test);
    const unknown = {
      link: null,
      error: null,
      attempts: 0,
      bytes: null,
      type: null,
      sourceType: null,
    };
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
          sourceType: 'image/png',
          durationMs: 12,
        },
        { ...unknown, url: URLS[1], status: 'failed', error: FAIL.error, durationMs: 0 },
        { ...unknown, url: URLS[2], status: 'pending', durationMs: null },
      ],
    });
  });
});

describe('list-images', () => {
  it('shows every link', async () => {
    const test = installTestApp();
    await jobHalfDone(test);
    expect(bodyOf(await invoke(listImages))).toEqual({ uploaded: ['https://i.imgur.com/a.png'] });
  });
});

describe('list-uploads', () => {
  it('shows jobs with their counts, newest first', async () => {
    const test = installTestApp();
    const older = await jobHalfDone(test);
    const newer = await jobHalfDone(test);
    const { jobs } = bodyOf<{ jobs: { id: string }[] }>(await invoke(listUploads));
    expect(jobs.map(({ id }) => id)).toEqual([newer, older]);
    expect(jobs[0]).toMatchObject({ status: 'in-progress', pending: 1, complete: 1, failed: 1 });
    const one = bodyOf<{ jobs: object[] }>(await invoke(listUploads, { query: { limit: '1' } }));
    expect(one.jobs).toHaveLength(1);
  });
});

describe('cancel-upload', () => {
  it('ends a job that is not complete', async () => {
    const test = installTestApp();
    const jobId = await jobHalfDone(test);
    const answer = await invoke(cancelUpload, { params: { jobId } });
    expect(answer.statusCode).toBe(200);
    expect(bodyOf(answer)).toMatchObject({
      status: 'complete',
      uploaded: { pending: [], complete: [COMPLETE.link], failed: URLS.slice(1) },
    });
    expect(test.lines).toMatchObject([
      { level: 'warn', jobId, url: URLS[2], code: 'cancelled', attempt: 0 },
      { message: 'job complete', complete: 1, failed: 2 },
    ]);
  });

  it('leaves a complete job as it is', async () => {
    const test = installTestApp();
    const jobId = await jobDone(test);
    const answer = await invoke(cancelUpload, { params: { jobId } });
    expect(bodyOf(answer)).toMatchObject({ id: jobId, status: 'complete' });
    expect(test.lines).toEqual([]);
  });
});

describe('retry-upload', () => {
  it('submits the failed sources again, with the credential of their job', async () => {
    const test = installTestApp();
    const { app, invoked } = test;
    const jobId = await jobDone(test);
    const answer = await invoke(retryUpload, { method: 'POST', params: { jobId } });
    const { jobId: retried } = bodyOf<{ jobId: string }>(answer);
    expect(answer.statusCode).toBe(202);
    expect(invoked).toEqual([{ name: 'process-upload', event: { jobId: retried } }]);
    const job = await app.store.get(retried);
    expect([job?.clientId, job?.images.map(({ url }) => url)]).toEqual(['its-own', URLS.slice(1)]);
  });

  it('honours an Idempotency-Key: one new job for each, and 422 for another job', async () => {
    const test = installTestApp();
    const { invoked } = test;
    const [jobId, other] = [await jobHalfDone(test), await jobHalfDone(test)];
    for (const id of [jobId, other]) {
      await settleNext(test.jobs, id, FAIL);
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
    const test = installTestApp();
    const jobId = await jobHalfDone(test);
    const retry = () =>
      invoke(retryUpload, {
        method: 'POST',
        params: { jobId },
        headers: { 'idempotency-key': 'once' },
      });
    expect((await retry()).statusCode).toBe(409);
    await settleNext(test.jobs, jobId, FAIL);
    expect((await retry()).statusCode).toBe(202);
  });

  it('answers 409 while the job is not complete', async () => {
    const test = installTestApp();
    const { invoked } = test;
    const jobId = await jobHalfDone(test);
    expect((await invoke(retryUpload, { method: 'POST', params: { jobId } })).statusCode).toBe(409);
    expect(invoked).toEqual([]);
  });
});

describe('health', () => {
  it('says what there is to do and which Imgur gets it', async () => {
    const test = installTestApp({ IMGUR_CLIENT_ID: 'x' });
    await jobHalfDone(test);
    const answer = await invoke(health);
    expect([answer.statusCode, bodyOf(answer)]).toEqual([
      200,
      {
        status: 'ok',
        imgur: 'https://api.imgur.com',
        pending: 1,
        inFlight: 0,
        pausedUntil: null,
        store: 'memory',
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

  it('has the worker run, and resolves when that does', async () => {
    const { runs } = installTestApp();
    expect(await processUpload({ jobId: 'one' }, context)).toEqual({ jobId: 'one' });
    expect(runs()).toBe(1);
  });

  it('counts as failed, and says so in the log, where the worker does', async () => {
    const run = () => Promise.reject(new Error('Expected the queue, got nothing'));
    const { lines } = installTestApp({}, { worker: { run } as never });
    await expect(processUpload({ jobId: 'one' }, context)).rejects.toThrow('the queue');
    expect(lines).toMatchObject([{ level: 'error', jobId: 'one' }]);
  });
});
