/* eslint-disable jest/no-export -- the tests of more than one file */
import type { Once } from '../../lib/jobs/once';

/** What is so wherever keys are kept. @param open two that share their keys, or one twice. */
export function itDoesThingsOnce(open: () => Promise<readonly [Once, Once]>): void {
  const key = { key: 'k', fingerprint: 'f' };
  const other = { ...key, fingerprint: 'g' };
  const reused = { name: 'JobRefused', why: 'key_reused' };

  it('makes one thing for a key, also for two that ask at the same time', async () => {
    const [one, two] = await open();
    let made = 0;
    const make = () => Promise.resolve({ link: `https://imgur.com/a/${(made += 1)}` });
    const both = await Promise.all([one(key, make), two(key, make)]);
    expect([...both, await two(key, make)]).toEqual(
      Array.from({ length: 3 }, () => ({ link: 'https://imgur.com/a/1' })),
    );
    expect((await one({ ...key, key: 'l' }, make)).link).toBe('https://imgur.com/a/2');
  });

  it('refuses a key of another request, made or under way', async () => {
    const [one, two] = await open();
    let finish: (result: number) => void = () => undefined;
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const making = one(key, () => {
      begin();
      return new Promise<number>((resolve) => (finish = resolve));
    });
    await begun;
    const never = () => Promise.reject(new Error('Expected not to be asked for it'));
    await expect(two(other, never)).rejects.toMatchObject(reused);
    finish(7);
    expect(await making).toBe(7);
    await expect(two(other, never)).rejects.toMatchObject(reused);
    expect(await two(key, never)).toBe(7);
  });

  it('forgets what failed, so that it can be asked for again', async () => {
    const [one, two] = await open();
    await expect(one(key, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await two(other, () => Promise.resolve(1))).toBe(1);
  });
}
