import { handler } from '../../../handlers/create-upload';
import { bodyOf, invoke } from '../../support/invoke';
import { FAIL, settleNext } from '../../support/settle-next';
import { installTestApp } from '../../support/test-app';

const URLS = ['https://a.example/1.png', 'https://a.example/2.png'];

describe('create-upload', () => {
  it('keeps the job, starts process-upload with its id, and answers 202 with a Location', async () => {
    const { app, invoked, lines } = installTestApp();
    const answer = await invoke(handler, { method: 'POST', body: { urls: URLS } });
    const { jobId } = bodyOf<{ jobId: string }>(answer);
    expect(answer.statusCode).toBe(202);
    expect(answer.headers).toMatchObject({
      location: `/v1/images/upload/${jobId}`,
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(bodyOf(answer)).toEqual({ jobId });
    expect(invoked).toEqual([{ name: 'process-upload', event: { jobId } }]);
    expect((await app.store.get(jobId))?.images.map(({ url }) => url)).toEqual(URLS);
    expect(lines).toMatchObject([
      { jobId, images: 2, message: 'job accepted' },
      { jobId, status: 202, message: 'request answered' },
    ]);
  });

  it('begins its Location with the path of PUBLIC_URL, which a proxy strips', async () => {
    installTestApp({ PUBLIC_URL: 'https://relay.example/under/here/' });
    const answer = await invoke(handler, { method: 'POST', body: { urls: URLS } });
    const { jobId } = bodyOf<{ jobId: string }>(answer);
    expect(answer.headers['location']).toBe(`/under/here/v1/images/upload/${jobId}`);
  });

  it('keeps the client ID with the job and shows it to nobody', async () => {
    const { app, lines } = installTestApp();
    const body = { urls: URLS, clientId: 'my-own-id' };
    const answer = await invoke(handler, { method: 'POST', body });
    const { jobId } = bodyOf<{ jobId: string }>(answer);
    expect((await app.store.get(jobId))?.clientId).toBe('my-own-id');
    expect(JSON.stringify([answer, lines])).not.toContain('my-own-id');
  });

  it('takes a job no more once a stop has begun', async () => {
    const { invoked } = installTestApp({}, { draining: true });
    const answer = await invoke(handler, { method: 'POST', body: { urls: URLS } });
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('10');
    expect(invoked).toEqual([]);
  });

  it('turns a defect into a 500 that tells nothing, with the request id of the log', async () => {
    const create = () => Promise.reject(new Error('internal detail'));
    const { lines } = installTestApp({}, { store: { create } as never });
    const answer = await invoke(handler, {
      method: 'POST',
      body: { urls: URLS },
      headers: { 'x-request-id': 'from-the-client' },
    });
    expect(answer.statusCode).toBe(500);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'x-request-id': 'from-the-client',
    });
    expect(answer.body).not.toContain('internal detail');
    expect(lines).toMatchObject([
      {
        level: 'error',
        requestId: 'from-the-client',
        status: 500,
        error: { message: 'internal detail' },
      },
    ]);
  });

  it('repeats no request id that could break a line', async () => {
    installTestApp();
    const headers = { 'x-request-id': 'a b\n' };
    const answer = await invoke(handler, { method: 'POST', body: { urls: URLS }, headers });
    expect(answer.headers['x-request-id']).toBe('request-1');
  });

  it('parses a body that the gateway has encoded', async () => {
    installTestApp();
    const encoded = (event: Record<string, unknown>, context: object) =>
      handler(
        {
          ...event,
          body: Buffer.from(JSON.stringify({ urls: URLS })).toString('base64'),
          isBase64Encoded: true,
        } as never,
        context as never,
      );
    expect((await invoke(encoded as never, { method: 'POST' })).statusCode).toBe(202);
  });

  it('gives no job to a repeated Idempotency-Key that the store has dropped', async () => {
    const { app, jobs } = installTestApp({ MAX_FINISHED_IMAGES: '1' });
    const submit = async (key: string): Promise<string> => {
      const headers = { 'idempotency-key': key };
      const body = { urls: URLS.slice(0, 1) };
      const answer = await invoke(handler, { method: 'POST', headers, body });
      return bodyOf<{ jobId: string }>(answer).jobId;
    };
    const finish = (jobId: string) => settleNext(jobs, jobId, FAIL);
    const first = await submit('a');
    await finish(first);
    expect(await submit('a')).toBe(first);
    // The store keeps one finished image.
    await finish(await submit('b'));
    expect(await app.store.get(first)).toBeUndefined();
    const again = await submit('a');
    expect(again).not.toBe(first);
    expect(await app.store.get(again)).toBeDefined();
    expect(await submit('a')).toBe(again);
  });
});
