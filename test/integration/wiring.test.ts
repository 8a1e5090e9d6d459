import { handler as createUpload } from '../../handlers/create-upload';
import { installApp } from '../../lib/app-anchor';
import { startApp, type AppUnderTest } from '../support/app-under-test';
import { bodyOf, invoke } from '../support/invoke';
import { startRecordingImgur, type RecordingImgur } from '../support/recording-imgur';
import { startSource, type SourceServer } from '../support/source-server';

/** What no part can know by itself, because it is the parts that are put together. */
describe('the parts of the service', () => {
  let imgur: RecordingImgur;
  let source: SourceServer;
  let service: AppUnderTest;

  beforeAll(async () => {
    imgur = await startRecordingImgur();
    source = await startSource();
    // So that the clock of what is built now can be set.
    jest.useFakeTimers({ now: 0, doNotFake: [...OTHERS] });
    service = await startApp({
      IMGUR_API_URL: imgur.url,
      USER_AGENT: 'relay/1 (+http://a.example)',
    });
    installApp(service.app);
  });
  afterAll(async () => {
    jest.useRealTimers();
    await service.app.drain();
    await Promise.all([imgur.close(), source.close()]);
  });

  it('name themselves alike to sources and to Imgur', async () => {
    const [image] = await service.relay([`${source.url}/rgb8.png`]);
    expect(image?.status).toBe('complete');
    const seen = [source.lastHeaders, imgur.uploads[0]?.headers];
    expect(seen.map((headers) => headers?.['user-agent'])).toEqual(
      Array(2).fill('relay/1 (+http://a.example)'),
    );
  });

  it('remember an Idempotency-Key for a day, and many of them', async () => {
    const submit = async (key: string): Promise<string> => {
      const headers = { 'idempotency-key': key };
      const body = { urls: ['http://192.0.2.1/blocked.png'] };
      const answer = await invoke(createUpload, { method: 'POST', body, headers });
      return bodyOf<{ jobId: string }>(answer).jobId;
    };
    const first = await submit('key');
    for (let n = 0; n < 100; n += 1) await submit(`key ${n}`);
    jest.setSystemTime(24 * 3_600_000 - 1);
    expect(await submit('key')).toBe(first);
    jest.setSystemTime(24 * 3_600_000);
    expect(await submit('key')).not.toBe(first);
  });
});

/** All but `Date`. */
const OTHERS = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const;
