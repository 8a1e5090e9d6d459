import { setImmediate as turn } from 'node:timers/promises';
import { createMemoryStore } from '../../../lib/imgur-stand-in/memory-store';
import {
  type PictureStore,
  RECORD_BYTES,
  type StoredPicture,
} from '../../../lib/imgur-stand-in/store';

const SIZE = 1000;
const COST = SIZE + RECORD_BYTES;
const never = new AbortController().signal;

function picture(id: string, over: Partial<StoredPicture> = {}): StoredPicture {
  return {
    id,
    deletehash: `delete-${id}`,
    ext: 'png',
    type: 'image/png',
    bytes: Buffer.alloc(SIZE),
    size: SIZE,
    width: 1,
    height: 1,
    animated: false,
    datetime: 0,
    title: null,
    description: null,
    name: '',
    owned: false,
    ...over,
  };
}

async function keep(store: PictureStore, kept: StoredPicture): Promise<void> {
  const arrival = await store.admit(kept.bytes.length, never);
  arrival.grow(kept.bytes.length);
  await arrival.keep(kept);
}

describe('the picture store', () => {
  test('finds a picture by id and by deletehash until it is removed', async () => {
    const store = createMemoryStore({ maxBytes: 10 * COST });
    const kept = picture('a');
    await keep(store, kept);
    expect(await store.byId('a')).toBe(kept);
    expect(await store.byDeletehash('delete-a')).toBe(kept);
    expect(store.heldBytes).toBe(COST);

    await store.remove(kept);
    await store.remove(kept);
    expect(await store.byId('a')).toBeUndefined();
    expect(await store.byDeletehash('delete-a')).toBeUndefined();
    expect(store.heldBytes).toBe(0);
  });

  test('drops the oldest first, and only as many as it must', async () => {
    const store = createMemoryStore({ maxBytes: 3 * COST });
    for (const id of ['a', 'b', 'c']) await keep(store, picture(id));
    expect(await store.byId('a')).toBeDefined();

    await keep(store, picture('d'));
    const kept = await Promise.all(['a', 'b', 'c', 'd'].map((id) => store.byId(id)));
    expect(kept.flatMap((each) => each?.id ?? [])).toEqual(['b', 'c', 'd']);
    expect(await store.byDeletehash('delete-a')).toBeUndefined();
    expect(store.heldBytes).toBe(3 * COST);
  });

  test('bytes on their way count, and push pictures out while they arrive', async () => {
    const store = createMemoryStore({ maxBytes: 2 * COST });
    await keep(store, picture('a'));
    await keep(store, picture('b'));

    const arrival = await store.admit(SIZE, never);
    expect(await store.byId('a')).toBeDefined();
    arrival.grow(1);
    expect(await store.byId('a')).toBeUndefined();
    expect(await store.byId('b')).toBeDefined();
    expect(store.heldBytes).toBe(COST + 1);

    arrival.release();
    expect(store.heldBytes).toBe(COST);
  });

  test('an arrival ends once', async () => {
    const store = createMemoryStore({ maxBytes: 10 * COST });
    const arrival = await store.admit(SIZE, never);
    arrival.grow(SIZE);
    await arrival.keep(picture('a'));
    arrival.release();
    arrival.grow(SIZE);
    await arrival.keep(picture('b'));
    expect(store.heldBytes).toBe(COST);
    expect(await store.byId('b')).toBeUndefined();
  });

  test('texts and records have their weight', async () => {
    const store = createMemoryStore({ maxBytes: 10 * COST });
    await keep(store, picture('a', { title: 'ab', description: 'cde', name: 'f' }));
    expect(store.heldBytes).toBe(COST + 12);
  });

  test('who does not fit beside those on their way waits in turn', async () => {
    const store = createMemoryStore({ maxBytes: 10_000 });
    const order: string[] = [];
    const first = await store.admit(6000, never);
    const large = store.admit(5000, never).then((arrival) => {
      order.push('large');
      return arrival;
    });
    const small = store.admit(10, never).then((arrival) => {
      order.push('small');
      return arrival;
    });
    await Promise.resolve();
    expect(order).toEqual([]);

    first.release();
    await Promise.all([large, small]);
    expect(order).toEqual(['large', 'small']);
  });

  test('a picture that is kept makes way for who waits', async () => {
    const store = createMemoryStore({ maxBytes: 10_000 });
    const first = await store.admit(6000, never);
    const next = store.admit(5000, never);
    await first.keep(picture('a'));
    await expect(next).resolves.toBeDefined();
  });

  test('who gives up waiting lets the next one in', async () => {
    const store = createMemoryStore({ maxBytes: 10_000 });
    await store.admit(6000, never);
    const patience = new AbortController();
    const large = store.admit(5000, patience.signal);
    const small = store.admit(10, never);

    patience.abort(new Error('gone'));
    await expect(large).rejects.toThrow('gone');
    await expect(small).resolves.toBeDefined();
    await expect(store.admit(1, patience.signal)).rejects.toThrow('gone');
  });

  test('one that is larger than everything is let in alone', async () => {
    const store = createMemoryStore({ maxBytes: 10_000 });
    const first = await store.admit(1, never);
    const order: string[] = [];
    const huge = store.admit(50_000, never).then((arrival) => {
      order.push('huge');
      return arrival;
    });
    const next = store.admit(1, never).then(() => order.push('next'));
    await turn();
    expect(order).toEqual([]);
    first.release();
    await turn();
    expect(order).toEqual(['huge']);
    (await huge).release();
    await next;
  });
});
