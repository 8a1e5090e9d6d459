import { getApp } from '../../lib/app-anchor';
import { cleanEnvironment } from '../support/clean-environment';

describe('the App of a process', () => {
  const before = process.env;
  beforeAll(() => void (process.env = cleanEnvironment()));
  afterAll(() => void (process.env = before));

  it('is built anew after a failure, as a function on Lambda goes on', async () => {
    process.env['LOG_LEVEL'] = 'nonsense';
    await expect(getApp()).rejects.toThrow('LOG_LEVEL');
    process.env['LOG_LEVEL'] = 'silent';
    const app = await getApp();
    expect(await getApp()).toBe(app);
    await app.drain();
  });
});
