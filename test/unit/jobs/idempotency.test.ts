import { createIdempotency } from '../../../lib/jobs/idempotency';

describe('createIdempotency', () => {
  let time = 0;
  let made = 0;
  const make = (): Promise<string> => Promise.resolve(`job${(made += 1)}`);
  const gone = new Set<string>();
  const exists = (job: string): Promise<boolean> => Promise.resolve(!gone.has(job));
  const idempotency = (maxKeys = 10) => {
    const kept = createIdempotency({ ttlMs: 1000, maxKeys }, () => time);
    const once = (key: string, fingerprint: string, create: () => Promise<string>) =>
      kept.once({ key, fingerprint, create, exists });
    return { once };
  };

  beforeEach(() => {
    time = 0;
    made = 0;
    gone.clear();
  });

  it('gives the same result for the same key and request', async () => {
    const { once } = idempotency();
    expect(await Promise.all([once('k', 'f', make), once('k', 'f', make)])).toEqual([
      'job1',
      'job1',
    ]);
    expect(await once('other', 'f', make)).toBe('job2');
  });

  it('refuses a key that comes with another request', async () => {
    const { once } = idempotency();
    await once('k', 'f', make);
    await expect(once('k', 'g', make)).rejects.toMatchObject({ name: 'IdempotencyConflict' });
  });

  it('forgets a key when its time is up', async () => {
    const { once } = idempotency();
    await once('k', 'f', make);
    time = 999;
    expect(await once('k', 'f', make)).toBe('job1');
    time = 1000;
    expect(await once('k', 'g', make)).toBe('job2');
  });

  it('forgets the oldest key over its bound', async () => {
    const { once } = idempotency(2);
    for (const key of ['a', 'b', 'c']) await once(key, 'f', make);
    expect(await once('b', 'f', make)).toBe('job2');
    expect(await once('a', 'f', make)).toBe('job4');
  });

  it('keeps nothing of a request that failed', async () => {
    const { once } = idempotency();
    await expect(once('k', 'f', () => Promise.reject(new Error('full')))).rejects.toThrow('full');
    expect(await once('k', 'g', make)).toBe('job1');
  });

  it('creates anew, and once, what is gone', async () => {
    const { once } = idempotency();
    expect(await once('k', 'f', make)).toBe('job1');
    gone.add('job1');
    expect(await Promise.all([1, 2, 3].map(() => once('k', 'f', make)))).toEqual([
      'job2',
      'job2',
      'job2',
    ]);
    await expect(once('k', 'g', make)).rejects.toMatchObject({ name: 'IdempotencyConflict' });
  });
});
