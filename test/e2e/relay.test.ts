import { awaitUntil } from '../support/await-until';
import { ACCEPTED, NO_PICTURES, picture, UNSUPPORTED } from '../support/pictures';
import { startRecordingImgur, type RecordingImgur } from '../support/recording-imgur';
import { startService, type Service } from '../support/service';
import { startSource, type SourceServer } from '../support/source-server';

jest.setTimeout(120_000);

describe('from a list of URLs to a list of links', () => {
  let service: Service;
  let source: SourceServer;
  let imgur: RecordingImgur;
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));

  beforeAll(async () => {
    imgur = await startRecordingImgur({
      clientIds: ['s3cret-configured', 's3cret-of-the-job'],
    });
    source = await startSource({
      '/held/rgb8.png': (_request, response) => {
        void held.then(() => response.end(picture('rgb8.png')));
      },
    });
    service = await startService({
      IMGUR_API_URL: imgur.url,
      IMGUR_CLIENT_ID: 's3cret-configured',
      DOWNLOAD_ALLOWED_NETWORKS: '127.0.0.0/8',
    });
  });
  afterAll(async () => {
    await service.stop();
    await Promise.all([source.close(), imgur.close()]);
  });

  it('answers at once, and shows the job in progress while its source takes its time', async () => {
    const url = `${source.url}/held/rgb8.png`;
    const response = await fetch(`${service.url}/v1/images/upload`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ urls: [url] }),
    });
    expect(response.status).toBe(202);
    const body = (await response.json()) as { jobId: string };
    expect(Object.keys(body)).toEqual(['jobId']);
    expect(response.headers.get('location')).toBe(`/v1/images/upload/${body.jobId}`);

    const started = () => source.requests.includes('/held/rgb8.png');
    while (!started()) await service.job(body.jobId);
    expect(await service.job(body.jobId)).toEqual({
      id: body.jobId,
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      finished: null,
      status: 'in-progress',
      uploaded: { pending: [url], complete: [], failed: [] },
    });
    letGo();
    const job = await service.completed(body.jobId);
    expect(job.uploaded).toMatchObject({ pending: [], failed: [] });
    expect(Date.parse(job.finished!)).toBeGreaterThanOrEqual(Date.parse(job.created));
  });

  it('brings every picture that Imgur takes there byte for byte, in order', async () => {
    const names = Object.keys(ACCEPTED);
    imgur.uploads.length = 0;
    const id = await service.submit(names.map((name) => `${source.url}/${name}`));
    const job = await service.completed(id);
    expect(job.uploaded.complete).toHaveLength(names.length);
    const sent = names.map((name) => picture(name));
    for (const bytes of sent)
      expect(imgur.uploads.some((other) => other.bytes.equals(bytes))).toBe(true);
    const images = await service.images(id);
    expect(images.map(({ bytes }) => bytes)).toEqual(sent.map(({ length }) => length));
    expect(images.map(({ type }) => type)).toEqual(Object.values(ACCEPTED));
    expect(images.map(({ link }) => link)).toEqual(job.uploaded.complete);
    expect(images.every(({ attempts, durationMs }) => attempts === 1 && durationMs !== null)).toBe(
      true,
    );
  });

  it.each([
    ['unsupported_image', UNSUPPORTED],
    ['not_an_image', NO_PICTURES],
  ])('sends none on that is %s', async (code, names) => {
    imgur.uploads.length = 0;
    const id = await service.submit(names.map((name) => `${source.url}/${name}`));
    const job = await service.completed(id);
    expect(job.uploaded.failed).toEqual(names.map((name) => `${source.url}/${name}`));
    const images = await service.images(id);
    expect(images.map(({ error }) => error?.code)).toEqual(names.map(() => code));
    expect(imgur.uploads).toEqual([]);
  });

  it('completes 40 jobs of two images at once, each with its own links', async () => {
    const jobs = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        service.submit([`${source.url}/${n}/palette.png`, `${source.url}/${n}/still.gif`]),
      ),
    );
    const done = await Promise.all(jobs.map((id) => service.completed(id)));
    const links = done.flatMap(({ uploaded }) => uploaded.complete);
    expect(links).toHaveLength(80);
    expect(new Set(links).size).toBe(80);
    for (const { uploaded } of done) {
      expect(uploaded.complete.map((link) => link.slice(-3))).toEqual(['png', 'gif']);
    }
    const all = (await (await fetch(`${service.url}/v1/images`)).json()) as { uploaded: string[] };
    expect(all.uploaded).toEqual(expect.arrayContaining(links));
  });

  it('fails a missing image alone, and names it in the log with job, URL and reason', async () => {
    const missing = `${source.url}/missing.png?token=s3cret`;
    const id = await service.submit([
      `${source.url}/palette.png`,
      missing,
      `${source.url}/still.gif`,
    ]);
    const job = await service.completed(id);
    expect(job.uploaded).toEqual({
      pending: [],
      complete: [expect.stringMatching(/png$/), expect.stringMatching(/gif$/)],
      failed: [missing],
    });
    const line = await awaitUntil('the line about the missing image', () =>
      service.lines.find(({ jobId, level }) => jobId === id && level === 'warn'),
    );
    expect(line).toMatchObject({
      url: `${source.url}/missing.png?token=***`,
      code: 'source_status',
      message: 'The source answered with status 404.',
      attempt: 1,
      durationMs: expect.any(Number),
    });
    expect(service.output.stdout).not.toContain('s3cret');
  });

  it('strips duplicates by meaning and keeps the first spelling', async () => {
    const { port } = new URL(source.url);
    const urls = [
      `HTTP://127.0.0.1:${port}/a/../palette.png#top`,
      `${source.url}/palette.png`,
      `  ${source.url}/palette.png#else\n`,
      `${source.url}/palette.png?v=2`,
    ];
    const id = await service.submit(urls);
    await service.completed(id);
    expect((await service.images(id)).map(({ url }) => url)).toEqual([urls[0], urls[3]]);
  });

  it("uploads with the job's own client ID, and keeps it to itself", async () => {
    const urls = [`${source.url}/palette.png`];
    const good = await service.completed(
      await service.submit(urls, { clientId: 's3cret-of-the-job' }),
    );
    expect(good.uploaded.complete).toHaveLength(1);
    const id = await service.submit(urls, { clientId: 's3cret-of-nobody' });
    await service.completed(id);
    expect((await service.images(id))[0]?.error?.code).toBe('imgur_auth');
    expect(service.output.stdout).not.toContain('s3cret-of-nobody');
  });

  it('names itself honestly to sources, and asks for nothing encoded', async () => {
    await service.completed(await service.submit([`${source.url}/palette.png`]));
    expect(source.lastHeaders).toMatchObject({
      'user-agent': expect.stringMatching(/^image-relay\/\d+\.\d+\.\d+/),
      'accept-encoding': 'identity',
    });
  });
});
