import type { Database } from '../../../lib/postgres/database';
import { NOTHING } from '../../../lib/postgres/settle-images';
import { Settler } from '../../../lib/postgres/settler';

describe('the results of a worker', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  /** A database that answers when it is told to. */
  function setUp() {
    const state = { awaitsMore: true };
    const batches: number[] = [];
    let answer = (): void => undefined;
    const query = ((_sql: string, values: readonly (readonly unknown[])[]) => {
      batches.push(values[0]!.length);
      return new Promise((resolve) => (answer = () => resolve([])));
    }) as Database['query'];
    const settler = new Settler({ query } as Database, 'me', () => state.awaitsMore);
    let idx = 0;
    const end = () => {
      idx += 1;
      const result = { job: '1', idx, durationMs: 1, counted: true, error: null };
      return settler.end({ ...result, ...NOTHING });
    };
    const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);
    const write = async (ms: number): Promise<void> => {
      void end();
      await pass(0);
      await pass(ms);
      answer();
      await pass(0);
    };
    return { state, batches, end, pass, write, answer: () => answer() };
  }

  it('go together if they end while the first one waits, as long as the batch before took', async () => {
    const { batches, end, pass, write } = setUp();
    await write(30);
    void end();
    await pass(20);
    void end();
    expect(batches).toEqual([1]);
    await pass(10);
    expect(batches).toEqual([1, 2]);
  });

  it('wait for no more than 50 ms', async () => {
    const { batches, end, pass, write } = setUp();
    await write(2000);
    void end();
    await pass(49);
    expect(batches).toEqual([1]);
    await pass(1);
    expect(batches).toEqual([1, 1]);
  });

  it('wait for nothing once no other one may come', async () => {
    const { state, batches, end, pass, write } = setUp();
    await write(30);
    void end();
    state.awaitsMore = false;
    void end();
    await pass(0);
    expect(batches).toEqual([1, 2]);
  });

  it('that end while others are being written go together after them', async () => {
    const { state, batches, end, pass, answer } = setUp();
    state.awaitsMore = false;
    const ended = [end(), end(), end()];
    await pass(0);
    expect(batches).toEqual([1]);
    answer();
    await pass(0);
    expect(batches).toEqual([1, 2]);
    answer();
    expect(await Promise.all(ended)).toEqual([null, null, null]);
  });
});
