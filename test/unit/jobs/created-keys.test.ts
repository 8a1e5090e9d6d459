import { CreatedKeys } from '../../../lib/jobs/created-keys';

const DAY_MS = 24 * 3_600_000;

describe('CreatedKeys', () => {
  let time = 0;
  const once = (key: string, fingerprint = 'f') => ({ key, fingerprint });

  beforeEach(() => {
    time = 0;
  });

  it('knows which job was made with a key', () => {
    const keys = new CreatedKeys(() => time);
    keys.remember(once('k'), 'job1');
    expect([keys.find(once('k')), keys.find(once('other'))]).toEqual(['job1', undefined]);
  });

  it('refuses a key that comes with another request', () => {
    const keys = new CreatedKeys(() => time);
    keys.remember(once('k'), 'job1');
    expect(() => keys.find(once('k', 'g'))).toThrow(
      expect.objectContaining({ name: 'JobRefused', why: 'key_reused' }) as Error,
    );
  });

  it('forgets a key after a day, whatever came with it', () => {
    const keys = new CreatedKeys(() => time);
    keys.remember(once('k'), 'job1');
    time = DAY_MS - 1;
    expect(keys.find(once('k'))).toBe('job1');
    time = DAY_MS;
    expect(keys.find(once('k', 'g'))).toBeUndefined();
  });

  it('forgets the oldest key over its bound, and takes one that comes anew for young', () => {
    const keys = new CreatedKeys(() => time, 2);
    for (const key of ['a', 'b', 'a', 'c']) keys.remember(once(key), `job of ${key}`);
    const known = ['a', 'b', 'c'].map((key) => keys.find(once(key)));
    expect(known).toEqual(['job of a', undefined, 'job of c']);
  });
});
