import { startApp } from '../support/app-under-test';
import { picturesOf } from '../support/broken-imgur';
import { startRecordingImgur, type RecordingImgur } from '../support/recording-imgur';
import { startSource, type SourceServer } from '../support/source-server';

let source: SourceServer;
let imgur: RecordingImgur;
beforeAll(async () => {
  [source, imgur] = await Promise.all([startSource(), startRecordingImgur()]);
});
afterAll(() => Promise.all([source.close(), imgur.close()]));

describe('an unexpected error', () => {
  it("is its own image's internal, and all others go on", async () => {
    const service = await startApp(
      { IMGUR_API_URL: imgur.url },
      { resolve: () => Promise.reject(new TypeError('undefined is not a function')) },
    );
    const { port } = new URL(source.url);
    const urls = [`http://defect.example.com:${port}/a?key=s3cret`, ...picturesOf(source, 3)];
    const [first, second] = await Promise.all([
      service.relay(urls),
      service.relay(picturesOf(source, 2)),
    ]);
    expect(first.map(({ error, status }) => error?.code ?? status)).toEqual([
      'internal',
      ...Array<string>(3).fill('complete'),
    ]);
    expect(first[0]?.error?.message).not.toContain('undefined');
    expect(second.map(({ status }) => status)).toEqual(['complete', 'complete']);
    expect(service.lines.find(({ code }) => code === 'internal')).toMatchObject({
      level: 'error',
      error: { type: 'TypeError', stack: expect.stringContaining('undefined is not a function') },
    });
    await service.app.drain();
  });
});
