import { Readable } from 'node:stream';
import { Cancellation } from '../../../lib/cancellation';
import { collectPicture } from '../../../lib/images/collect-picture';
import { MemoryBudget } from '../../../lib/images/memory-budget';
import type { Picture } from '../../../lib/images/picture';

/** Something to read, in pieces of these sizes. */
function pieces(...sizes: number[]): Picture {
  const chunks = sizes.map((size, n) => Buffer.alloc(size, n));
  return Readable.from(chunks, { objectMode: false }) as unknown as Picture;
}

const collect = (picture: Picture, budget: MemoryBudget, cancellation = new Cancellation()) =>
  collectPicture(picture, budget, cancellation, () => undefined).whole;

const roomy = (): MemoryBudget => new MemoryBudget(10_000_000);

describe('collectPicture', () => {
  it('keeps every byte in its order, however it came', async () => {
    const sizes = [1, 2, 70_000, 3, 16_384, 100, 65_536, 5];
    const expected = Buffer.concat(sizes.map((size, n) => Buffer.alloc(size, n)));
    const { chunks, bytes } = await collect(pieces(...sizes), roomy());
    expect(Buffer.concat(chunks).equals(expected)).toBe(true);
    expect(bytes).toBe(expected.length);
  });

  it('keeps pieces of a few bytes together, in about their own size', async () => {
    const sizes = Array.from({ length: 20_000 }, () => 10);
    const { chunks } = await collect(pieces(...sizes), roomy());
    const held = new Set(chunks.map(({ buffer }) => buffer));
    const memory = [...held].reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(chunks.length).toBeLessThan(10);
    expect(memory).toBeLessThan(300_000);
  });

  it('stops while the budget is used up, and goes on when it is not', async () => {
    const budget = new MemoryBudget(200_000);
    const first = budget.open(() => undefined);
    first.add(200_000);
    const picture = pieces(...Array.from({ length: 10 }, () => 100_000));
    let over = false;
    const waits = { count: 0 };
    const collecting = collectPicture(
      picture,
      budget,
      new Cancellation(),
      () => (waits.count += 1),
    );
    const collected = collecting.whole.finally(() => {
      over = true;
    });
    expect(first.isInTheWay).toBe(false);
    await new Promise<void>((resolve) => picture.once('pause', resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect([picture.isPaused(), over, waits.count]).toEqual([true, false, 1]);
    // It has more than a little, but it is not what is waited for.
    expect([first.isInTheWay, collecting.isInTheWay()]).toEqual([true, false]);
    first.close();
    expect((await collected).bytes).toBe(1_000_000);
  });

  it('gives its memory back when it is over, however it ends', async () => {
    const budget = new MemoryBudget(200_000);
    // The first one goes on in any case, so it is another one that tells.
    budget.open(() => undefined);
    const isUnused = (): boolean => {
      const probe = budget.open(() => undefined);
      const mayGoOn = probe.add(200_000);
      probe.close();
      return mayGoOn;
    };

    const { release } = await collect(pieces(900), budget);
    expect(isUnused()).toBe(false);
    release();
    expect(isUnused()).toBe(true);

    const failing = pieces(900, 900);
    failing.once('data', () => failing.destroy(new Error('broken')));
    await expect(collect(failing, budget)).rejects.toThrow('broken');
    expect(isUnused()).toBe(true);

    const cancelled = new Cancellation();
    const endless = pieces(900, 900);
    endless.once('data', () => cancelled.cancel(new Error('cancelled')));
    await expect(collect(endless, budget, cancelled)).rejects.toThrow('cancelled');
    expect(isUnused()).toBe(true);
  });
});
