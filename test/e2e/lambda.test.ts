import { startLambdaApi, type LambdaApi } from '../support/lambda-api';
import { startLambdaService, type LambdaService } from '../support/lambda-service';
import { describeWithPostgres, testDatabase } from '../support/postgres';
import { startRecordingImgur, type RecordingImgur } from '../support/recording-imgur';
import { slowPictures } from '../support/slow-pictures';
import { startSource, type SourceServer } from '../support/source-server';

jest.setTimeout(60_000);

const IMAGES = 40;
const PLACES = 2;
const SOURCE_MS = 300;
/** Of a run, in seconds. The job takes longer than the half of it that is for beginning images. */
const RUN_S = 10;

describeWithPostgres('the functions apart from each other, as on Lambda', () => {
  let closing: { close(): Promise<void> }[] = [];
  let imgur: RecordingImgur;
  let source: SourceServer;
  let lambda: LambdaApi;
  let service: LambdaService;

  beforeAll(async () => {
    const database = await testDatabase();
    [imgur, source, lambda] = await Promise.all([
      startRecordingImgur(),
      startSource(slowPictures(IMAGES, SOURCE_MS)),
      startLambdaApi(),
    ]);
    closing = [database, imgur, source, lambda];
    service = await startLambdaService(
      {
        ...{ DATABASE_URL: database.url, LAMBDA_ENDPOINT: lambda.endpoint, MAX_WORKERS: '1' },
        ...{ IMGUR_API_URL: imgur.url, IMGUR_CLIENT_ID: 's3cret-client-id' },
        ...{ DOWNLOAD_ALLOWED_NETWORKS: '127.0.0.0/8', CONCURRENCY: String(PLACES) },
      },
      { timeout: RUN_S },
    );
    lambda.behind = service.endpoint;
  }, 100_000);
  afterAll(async () => {
    await service.stop();
    await Promise.all(closing.map((each) => each.close()));
  }, 60_000);
  beforeEach(() => {
    lambda.status = null;
    lambda.events.length = 0;
    imgur.uploads.length = 0;
  });

  const urls = (count: number) => Array.from({ length: count }, (_, n) => `${source.url}/${n}`);

  it('complete a job in several runs, each of which starts the next, and nothing twice', async () => {
    const jobId = await service.submit(urls(IMAGES));
    const job = await service.completed(jobId, 50_000);
    expect([job.uploaded.complete.length, job.uploaded.failed]).toEqual([IMAGES, []]);
    expect(imgur.uploads).toHaveLength(IMAGES);
    expect(lambda.events[0]).toEqual({ jobId });
    expect(lambda.events.length).toBeGreaterThanOrEqual(2);
  });

  it('answer alike, each from what another one did', async () => {
    const jobId = await service.submit([`${source.url}/0`, `${source.url}/none.png`]);
    const { uploaded } = await service.completed(jobId);
    const all = (await (await fetch(`${service.url}/v1/images`)).json()) as { uploaded: string[] };
    expect(all.uploaded).toEqual(expect.arrayContaining(uploaded.complete));
    const paths = ['/health', '/metrics', '/', '/openapi.json', '/v1/images/upload', '/nowhere'];
    const statuses = await Promise.all(
      paths.map(async (path) => (await fetch(service.url + path)).status),
    );
    expect(statuses).toEqual([200, 200, 200, 200, 200, 404]);
    const health = (await (await fetch(`${service.url}/health`)).json()) as object;
    expect(health).toMatchObject({ status: 'ok', store: 'postgres', pending: 0 });
  });

  it('keep a job whose invocation was lost, for the schedule to take up', async () => {
    lambda.status = 500;
    const jobId = await service.submit(urls(4));
    expect(await service.job(jobId)).toMatchObject({ status: 'pending' });
    await service.runOnce();
    expect(await service.job(jobId)).toMatchObject({ status: 'complete' });
    expect(imgur.uploads).toHaveLength(4);
  });
});
