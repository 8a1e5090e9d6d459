import { startApp, type AppUnderTest } from '../support/app-under-test';
import { startRecordingImgur, type RecordingImgur } from '../support/recording-imgur';
import { startSource, type SourceServer } from '../support/source-server';

describe('whether new images can be expected to succeed', () => {
  let source: SourceServer;
  let imgur: RecordingImgur;
  let service: AppUnderTest;

  beforeEach(async () => {
    source = await startSource();
    imgur = await startRecordingImgur({ clientIds: ['s3cret-client-id'] });
  });
  afterEach(async () => {
    await service.app.drain();
    await Promise.all([source.close(), imgur.close()]);
  });

  it('is so while Imgur takes them, and no longer once a stop has begun', async () => {
    service = await startApp({ IMGUR_API_URL: imgur.url });
    await service.relay([`${source.url}/palette.png`]);
    expect(await service.app.unready()).toBeNull();
    await service.app.drain();
    expect(await service.app.unready()).toMatch(/stopping/);
  });

  it('is not so where Imgur refuses the credential', async () => {
    service = await startApp({ IMGUR_API_URL: imgur.url, IMGUR_CLIENT_ID: 's3cret-wrong' });
    expect(await service.app.unready()).toBeNull();
    await service.relay([1, 2, 3].map((n) => `${source.url}/palette.png?${n}`));
    const refused = await service.images((await service.app.store.list(1))[0]?.id ?? '');
    expect(refused[0]?.error?.code).toBe('imgur_auth');
    expect(await service.app.unready()).toMatch(/^Imgur refused/);
  });

  it('is not so where Imgur cannot be reached', async () => {
    service = await startApp({ IMGUR_API_URL: imgur.url });
    await imgur.close();
    expect(await service.app.unready()).toBe('Imgur cannot be reached: ECONNREFUSED.');
  });
});
