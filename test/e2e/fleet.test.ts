import { awaitUntil } from '../support/await-until';
import { describeWithPostgres, startCluster, type Cluster } from '../support/postgres';
import { startRecordingImgur, type RecordingImgur } from '../support/recording-imgur';
import { startService, type Service } from '../support/service';
import { slowPictures } from '../support/slow-pictures';
import { startSource, type SourceServer } from '../support/source-server';

const IMAGES = 120;
const PLACES = 8;
/** Long enough that a job is not over before anything can be done to it. */
const SOURCE_MS = 100;

describeWithPostgres('several processes on one database', () => {
  let cluster: Cluster;
  let imgur: RecordingImgur;
  let source: SourceServer;
  let settings: Record<string, string>;
  const running = new Set<Service>();

  beforeAll(async () => {
    [cluster, imgur, source] = await Promise.all([
      startCluster(),
      startRecordingImgur(),
      startSource(slowPictures(IMAGES, SOURCE_MS)),
    ]);
  }, 60_000);
  beforeEach(async () => {
    settings = {
      DATABASE_URL: await cluster.newDatabase(),
      IMGUR_API_URL: imgur.url,
      IMGUR_CLIENT_ID: 's3cret-client-id',
      DOWNLOAD_ALLOWED_NETWORKS: '127.0.0.0/8',
      CONCURRENCY: String(PLACES),
      CONCURRENCY_PER_SOURCE: '1000',
    };
    imgur.uploads.length = 0;
  });
  afterEach(async () => {
    await Promise.all([...running].map((service) => service.stop()));
    running.clear();
  }, 60_000);
  afterAll(() => Promise.all([cluster.close(), imgur.close(), source.close()]));

  const start = async (more: Record<string, string> = {}): Promise<Service> => {
    const service = await startService({ ...settings, ...more });
    running.add(service);
    return service;
  };
  const urls = (count = IMAGES) => Array.from({ length: count }, (_, n) => `${source.url}/${n}`);
  const get = async <T>({ url }: Service, path: string): Promise<T> =>
    (await (await fetch(url + path)).json()) as T;
  const complete = async (service: Service, jobId: string): Promise<number> =>
    (await service.job(jobId)).uploaded.complete.length;
  const halfDone = (service: Service, jobId: string) =>
    awaitUntil('a third to be done', async () => (await complete(service, jobId)) > IMAGES / 3);
  const expectAllOnce = async (service: Service, jobId: string): Promise<void> => {
    const job = await service.completed(jobId, 60_000);
    expect([job.uploaded.complete.length, job.uploaded.failed]).toEqual([IMAGES, []]);
    const { uploaded } = await get<{ uploaded: string[] }>(service, '/v1/images');
    expect([...uploaded].sort()).toEqual([...job.uploaded.complete].sort());
    expect(new Set(uploaded).size).toBe(IMAGES);
  };

  it('answer the same, and finish what one of them began that was killed', async () => {
    const [one, other] = await Promise.all([start(), start()]);
    const jobId = await one.submit(urls());
    await halfDone(other, jobId);
    one.signal('SIGKILL');
    running.delete(one);
    await expectAllOnce(other, jobId);
    // What was under way there was done again, and no more than that.
    expect(imgur.uploads.length).toBeLessThanOrEqual(IMAGES + PLACES);
  }, 120_000);

  it('answer each call alike, whichever of them is asked', async () => {
    const publicUrl = { PUBLIC_URL: 'http://relay.test' };
    const both = await Promise.all([start(publicUrl), start(publicUrl)]);
    const [one, other] = both;
    const call = async (of: Service, method: string, path: string, body?: object, key?: string) => {
      const response = await fetch(of.url + path, {
        method,
        headers: {
          ...(body ? { 'content-type': 'application/json' } : {}),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const location = response.headers.get('location');
      return { status: response.status, location, text: await response.text() };
    };
    const expectAlike = async (path: string): Promise<void> => {
      const [first, second] = await Promise.all(both.map((of) => call(of, 'GET', path)));
      expect(second).toEqual(first);
    };
    const jobs = '/v1/images/upload';
    const body = { urls: [...urls(3), `${source.url}/missing`] };
    const made = await call(one, 'POST', jobs, body, 'key');
    expect(await call(other, 'POST', jobs, body, 'key')).toEqual(made);
    expect((await call(other, 'POST', jobs, { urls: urls(1) }, 'key')).status).toBe(422);
    const job = made.location ?? '';
    await other.completed(job.slice(jobs.length + 1));

    const retried = await call(other, 'POST', `${job}/retry`, undefined, 'again');
    expect(retried.status).toBe(202);
    expect(await call(one, 'POST', `${job}/retry`, undefined, 'again')).toEqual(retried);
    await one.completed((retried.location ?? '').slice(jobs.length + 1));

    const long = (await call(one, 'POST', jobs, { urls: urls() })).location ?? '';
    const cancelled = await call(other, 'DELETE', long);
    expect(cancelled.status).toBe(200);
    expect(await call(one, 'DELETE', long)).toEqual(cancelled);

    for (const path of [job, retried.location, long, `${jobs}/nobody`]) {
      await expectAlike(path ?? '');
      await expectAlike(`${path}/images`);
    }
    for (const path of [jobs, `${jobs}?limit=1`, '/v1/images', '/ready', '/openapi.json', '/']) {
      await expectAlike(path);
    }
    const health = await Promise.all(both.map((of) => get<{ instances: object[] }>(of, '/health')));
    const known = health.map(({ instances }) => instances.map((each) => ({ ...each, seen: null })));
    expect(known[1]).toEqual(known[0]);
    expect(known[0]).toHaveLength(2);
    const processes = async (of: Service) =>
      (await (await fetch(`${of.url}/metrics`)).text()).match(/^.*process_in_flight_images\{.*$/gm);
    expect(await processes(other)).toEqual(await processes(one));
    expect(await processes(one)).toHaveLength(2);
  }, 120_000);

  it('go on by themselves after all of them were killed', async () => {
    const [one, other] = await Promise.all([start(), start()]);
    const jobId = await one.submit(urls());
    await halfDone(other, jobId);
    for (const service of [one, other]) service.signal('SIGKILL');
    running.clear();
    await expectAllOnce(await start(), jobId);
  }, 120_000);

  it('give back at a stop what is not done, so that nothing fails', async () => {
    // Few places, so that the job is not over before the stop on a busy machine either.
    const one = await start({ DRAIN_TIMEOUT_MS: '0', CONCURRENCY: '2' });
    const jobId = await one.submit(urls());
    await halfDone(one, jobId);
    running.delete(one);
    expect(await one.stop()).toBe(0);
    const back = one.lines.find(({ message }) => message === 'images given back to the queue');
    expect(back?.['images']).toBeGreaterThan(0);
    const other = await start();
    await expectAllOnce(other, jobId);
    const attempts = (await other.images(jobId)).map((image) => image.attempts);
    expect(new Set(attempts)).toEqual(new Set([1]));
  }, 120_000);

  it('wait for a database that is away, and lose nothing', async () => {
    const service = await start();
    const jobId = await service.submit(urls());
    await halfDone(service, jobId);
    await cluster.kill();
    const asked = performance.now();
    const answer = await fetch(`${service.url}/v1/images/upload/${jobId}`);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(performance.now() - asked).toBeLessThan(3000);
    expect((await fetch(`${service.url}/health`)).status).toBe(200);
    expect(await get(service, '/health')).toMatchObject({
      ...{ status: 'degraded', store: 'postgres' },
      ...{ pending: null, inFlight: null, instances: null },
    });
    await awaitUntil(
      'to be not ready',
      async () => (await fetch(`${service.url}/ready`)).status === 503,
    );
    await cluster.start();
    await expectAllOnce(service, jobId);
    expect(imgur.uploads).toHaveLength(IMAGES);
    expect(await get(service, '/health')).toMatchObject({ status: 'ok' });
  }, 120_000);

  it('have roles: one takes calls, one works', async () => {
    const [api, worker] = await Promise.all([start({ ROLE: 'api' }), start({ ROLE: 'worker' })]);
    const jobId = await api.submit(urls());
    await expectAllOnce(api, jobId);
    const uploader = worker.lines.filter(({ message }) => message === 'image complete');
    expect(uploader).toHaveLength(IMAGES);
    const statuses = await Promise.all(
      ['/', '/ready', '/v1/images', '/openapi.json', '/health', '/metrics'].map(
        async (path) => (await fetch(worker.url + path)).status,
      ),
    );
    expect(statuses).toEqual([404, 404, 404, 404, 200, 200]);
    const { instances } = await get<{ instances: { role: string }[] }>(api, '/health');
    expect(instances.map(({ role }) => role)).toEqual(['api', 'worker']);
  }, 120_000);
});
