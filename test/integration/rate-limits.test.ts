import { cancelJob } from '../../lib/jobs/cancel-job';
import { type Fault, IMGUR_FAULTS } from '../../lib/imgur-stand-in/faults';
import type { AppUnderTest } from '../support/app-under-test';
import { awaitUntil } from '../support/await-until';
import { picturesOf, startBehind } from '../support/broken-imgur';
import { startSource, type SourceServer } from '../support/source-server';

jest.setTimeout(30_000);

let source: SourceServer;
beforeAll(async () => {
  source = await startSource();
});
afterAll(() => source.close());

describe('a pause', () => {
  const tooMany = (headers: Record<string, string>): Fault => ({
    ...IMGUR_FAULTS.row14_too_many_requests,
    headers: { ...IMGUR_FAULTS.row14_too_many_requests.headers, ...headers },
  });

  it.each([
    ['seconds left', { 'X-RateLimit-UserRemaining': '0', 'X-RateLimit-UserReset': '2' }],
    ['a Retry-After', { 'Retry-After': '2' }],
  ])('is as long as Imgur asks by %s', async (_what, headers) => {
    const { service, imgur } = await startBehind(({ count }) =>
      count === 1 ? tooMany(headers) : undefined,
    );
    const [image] = await service.relay(picturesOf(source, 1));
    expect(image?.status).toBe('complete');
    expect(imgur.requests[1]! - imgur.requests[0]!).toBeGreaterThan(1950);
  });

  it('of one credential leaves the others alone', async () => {
    const { service } = await startBehind(({ headers }) =>
      headers.authorization === 'Client-ID s3cret-busy' ? IMGUR_FAULTS.row4_too_fast : undefined,
    );
    const busy = await service.start(picturesOf(source, 2), 's3cret-busy');
    await awaitUntil('the pause', () => service.app.gate.pausedUntil());
    const free = await service.relay(picturesOf(source, 2), 's3cret-free');
    expect(free.map(({ status }) => status)).toEqual(['complete', 'complete']);
    expect((await service.images(busy.id)).some(({ status }) => status === 'pending')).toBe(true);
  });

  it('of 3 s fails none of 60 images, and few requests are made in it', async () => {
    let endsAt = Infinity;
    const { service, imgur } = await startBehind(
      ({ count }) => {
        if (count === 1) endsAt = performance.now() + 3000;
        return performance.now() < endsAt ? IMGUR_FAULTS.row14_too_many_requests : undefined;
      },
      { CONCURRENCY_PER_SOURCE: '32' },
    );
    const images = await service.relay(picturesOf(source, 60));
    expect(images.map(({ status }) => status)).toEqual(Array(60).fill('complete'));
    const during = imgur.requests.filter((at) => at < endsAt).length;
    expect(during).toBeLessThan(45);
    expect(imgur.requests).toHaveLength(during + 60);
  });
});

describe('an address or account that is blocked', () => {
  it('is asked for no more than three images of many', async () => {
    const { service, imgur } = await startBehind(() => IMGUR_FAULTS.row5_actions_forbidden, {
      CONCURRENCY: '1',
    });
    const images = await service.relay(picturesOf(source, 12));
    expect(images.map(({ error }) => error?.code)).toEqual(Array(12).fill('imgur_forbidden'));
    expect(imgur.requests).toHaveLength(3);
  });
});

describe('a client ID that Imgur refuses', () => {
  const wrong = (): Fault => IMGUR_FAULTS.row8_invalid_client_id;
  const settings = { CONCURRENCY: '8', ATTEMPTS: '3' };

  it('costs few uploads, however many images there are', async () => {
    const { service, imgur } = await startBehind(wrong, settings);
    const images = await service.relay(picturesOf(source, 100));
    expect(images.map(({ error }) => error?.code)).toEqual(Array(100).fill('imgur_auth'));
    // Three in a row tell, and two of them made room for more; then one tests it a second later.
    expect(imgur.requests.length).toBeLessThanOrEqual(8 + 2 + 1);
  });

  it('leaves the uploads of other credentials alone', async () => {
    const { service } = await startBehind(
      ({ headers }) => (headers.authorization === 'Client-ID s3cret-wrong' ? wrong() : undefined),
      settings,
    );
    const refused = await service.relay(picturesOf(source, 20), 's3cret-wrong');
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set(['failed']));
    const [image] = await service.relay(picturesOf(source, 1));
    expect(image?.status).toBe('complete');
  });

  it('for a moment only fails no image', async () => {
    const { service } = await startBehind(
      ({ count }) => (count <= 8 ? wrong() : undefined),
      settings,
    );
    const images = await service.relay(picturesOf(source, 40));
    expect(new Set(images.map(({ status }) => status))).toEqual(new Set(['complete']));
  });
});

describe('an access token that Imgur refuses', () => {
  const ACCOUNT = {
    IMGUR_ACCESS_TOKEN: 's3cret-expired-token',
    IMGUR_REFRESH_TOKEN: 's3cret-refresh-token',
    IMGUR_CLIENT_SECRET: 's3cret-client-secret',
  };
  const refreshTokens = ['s3cret-refresh-token'];

  it('is refreshed once for many images, which all complete', async () => {
    const { service, imgur } = await startBehind(() => undefined, ACCOUNT, { refreshTokens });
    const images = await service.relay(picturesOf(source, 8));
    expect(images.map(({ status, attempts }) => [status, attempts])).toEqual(
      Array(8).fill(['complete', 1]),
    );
    expect(imgur.refreshes).toBe(1);
  });

  it('fails the image where the new one is refused too', async () => {
    const refused = (): Fault => IMGUR_FAULTS.row9_invalid_access_token;
    const { service, imgur } = await startBehind(refused, ACCOUNT, { refreshTokens });
    const [image] = await service.relay(picturesOf(source, 1));
    expect(image).toMatchObject({ status: 'failed', attempts: 1, error: { code: 'imgur_auth' } });
    expect([imgur.requests.length, imgur.refreshes]).toEqual([2, 1]);
  });

  it('fails the images where it cannot be refreshed, and asks for a new one once', async () => {
    const { service, imgur } = await startBehind(() => undefined, { ...ACCOUNT, CONCURRENCY: '8' });
    const images = await service.relay(picturesOf(source, 100));
    expect(images.map(({ error }) => error?.code)).toEqual(Array(100).fill('imgur_auth'));
    expect(imgur.refreshes).toBe(1);
    // None but those that were under way when it turned out.
    expect(imgur.requests.length).toBeLessThanOrEqual(8);
    const fetched = source.requests.length;
    const [later] = await service.relay(picturesOf(source, 1));
    expect([later?.error?.code, source.requests.length]).toEqual(['imgur_auth', fetched]);
  });

  describe('while the answer to the refresh is waited for', () => {
    /** Starts images that all wait for a new token, which never comes. */
    async function startWaiting() {
      let refreshes = 0;
      const { service, imgur } = await startBehind(() => undefined, ACCOUNT, {
        refreshTokens,
        tokenScript: () => {
          refreshes += 1;
          return { kind: 'hang', when: 'before-body' };
        },
      });
      const job = await service.start(picturesOf(source, 4));
      await awaitUntil('the refresh', () => refreshes > 0 && imgur.requests.length === 4);
      return { service, ...job };
    }
    const codes = async (service: AppUnderTest, id: string) =>
      new Set((await service.images(id)).map(({ error }) => error?.code));

    it('ends at once where the job is cancelled', async () => {
      const { service, id, done } = await startWaiting();
      const startedAt = performance.now();
      await cancelJob(service.app, id);
      await done;
      expect(performance.now() - startedAt).toBeLessThan(1000);
      expect(await codes(service, id)).toEqual(new Set(['cancelled']));
    });

    it('ends at once where the service is stopped', async () => {
      const { service, id, done } = await startWaiting();
      const startedAt = performance.now();
      await service.app.drain();
      await done;
      expect(performance.now() - startedAt).toBeLessThan(1000);
      expect(await codes(service, id)).toEqual(new Set(['shutdown']));
    });
  });
});
