import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { imageTypeOf } from '../../../lib/images/image-type';
import { Picture, type AcceptedType } from '../../../lib/images/picture';
import { createReadShare } from '../../../lib/images/read-share';
import { picture } from '../../support/pictures';

describe('what may be read in one turn of the event loop', () => {
  it('is for all together, and goes on with as many as can read something in the next turn', () => {
    const turns: (() => void)[] = [];
    const rested: string[] = [];
    const share = createReadShare(131_072, (then) => turns.push(then));
    const take = (name: string, bytes: number): boolean =>
      share.take(bytes, () => rested.push(name));

    expect([take('a', 60_000), take('b', 71_071)]).toEqual([true, true]);
    expect([take('a', 1), take('b', 1), take('c', 1)]).toEqual([false, false, false]);
    expect([turns.length, rested]).toEqual([1, []]);
    turns.shift()?.();
    expect(rested).toEqual(['a', 'b']);
    expect([take('a', 131_071), take('b', 1)]).toEqual([true, false]);
    expect(turns).toHaveLength(1);
    // Whoever has rested longest is next, and nobody needs to read for that.
    turns.shift()?.();
    expect(rested).toEqual(['a', 'b', 'c', 'b']);
    expect(turns).toHaveLength(0);
    expect(take('a', 131_071)).toBe(true);
  });

  it('is all that a source gets read that always has more', async () => {
    const head = Buffer.from(picture('rgb8.png').subarray(0, 41));
    // Its picture data seems to be as long as can be.
    head.writeUInt32BE(0x7fff_ffff, 33);
    const body = new Readable({
      read() {
        this.push(Buffer.alloc(65_536));
      },
    });
    const source = {
      body: body as unknown as IncomingMessage,
      announcedBytes: null,
      url: new URL('http://a.example'),
    };
    const nothing = (): void => undefined;
    const listener = { arrived: nothing, full: nothing, wanted: nothing, broken: nothing };
    const type = imageTypeOf(head) as AcceptedType;
    const png = new Picture(type, source, 50_000_000, listener);
    png.start(head, false);
    png.resume();

    const perTurn: number[] = [];
    for (let turn = 0; turn < 20; turn += 1) {
      const before = png.bytes;
      await nextTurn();
      perTurn.push(png.bytes - before);
    }
    body.destroy();
    png.destroy();
    // And it does go on, in nearly every turn.
    expect(Math.max(...perTurn)).toBeLessThanOrEqual(262_144);
    expect(png.bytes).toBeGreaterThan(10 * 262_144 - 1);
  });
});
