import net, { type Socket } from 'node:net';
import { connectFirst } from '../../../lib/net/connect-first';

const DELAY_MS = 250;

describe('of several addresses', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] }));
  afterEach(() => jest.useRealTimers());

  /** Attempts that do what the test says; none goes to the network. */
  function connect(...addresses: string[]) {
    const attempts: Socket[] = [];
    const tried: string[] = [];
    const done = jest.fn<undefined, [Error, null] | [null, Socket]>();
    const open = (address: string): Socket => {
      const attempt = new net.Socket();
      tried.push(address);
      attempts.push(attempt);
      return attempt;
    };
    const stop = connectFirst(addresses, DELAY_MS, open, done);
    return { attempts, tried, done, stop };
  }

  async function fail(attempt: Socket, code: string): Promise<Error> {
    const error = Object.assign(new Error(code), { code });
    attempt.destroy(error);
    await new Promise((resolve) => setImmediate(resolve));
    return error;
  }

  it('the next is tried 250 ms after the one before, which goes on', () => {
    const { attempts, tried } = connect('a', 'b', 'c');
    expect(tried).toEqual(['a']);
    jest.advanceTimersByTime(249);
    expect(tried).toEqual(['a']);
    jest.advanceTimersByTime(1);
    expect(tried).toEqual(['a', 'b']);
    jest.advanceTimersByTime(250);
    expect(tried).toEqual(['a', 'b', 'c']);
    jest.advanceTimersByTime(60_000);
    expect(attempts.map(({ destroyed }) => destroyed)).toEqual([false, false, false]);
  });

  it('the next is tried at once where one fails, and the one after it 250 ms later', async () => {
    const { attempts, tried } = connect('a', 'b', 'c');
    jest.advanceTimersByTime(200);
    await fail(attempts[0]!, 'ENETUNREACH');
    expect(tried).toEqual(['a', 'b']);
    jest.advanceTimersByTime(249);
    expect(tried).toEqual(['a', 'b']);
    jest.advanceTimersByTime(1);
    expect(tried).toEqual(['a', 'b', 'c']);
  });

  it('one that is slow is given however all others failed long before', async () => {
    const { attempts, done } = connect('dead', 'slow');
    await fail(attempts[0]!, 'ENETUNREACH');
    jest.advanceTimersByTime(4000);
    attempts[1]!.emit('connect');
    expect(done).toHaveBeenCalledTimes(1);
    expect(done).toHaveBeenCalledWith(null, attempts[1]);
    expect(attempts[1]!.destroyed).toBe(false);
  });

  it('the first that connects is given, without our listeners, and the others are closed', () => {
    const { attempts, tried, done } = connect('a', 'b', 'c', 'd');
    jest.advanceTimersByTime(500);
    attempts[1]!.emit('connect');
    expect(done).toHaveBeenCalledWith(null, attempts[1]);
    expect(attempts.map(({ destroyed }) => destroyed)).toEqual([true, false, true]);
    expect(attempts[1]!.listenerCount('error') + attempts[1]!.listenerCount('connect')).toBe(0);
    jest.advanceTimersByTime(60_000);
    expect(tried).toHaveLength(3);
  });

  it('all errors are told once the last one has failed', async () => {
    const { attempts, done } = connect('a', 'b');
    jest.advanceTimersByTime(250);
    const second = await fail(attempts[1]!, 'ECONNREFUSED');
    expect(done).not.toHaveBeenCalled();
    const first = await fail(attempts[0]!, 'ETIMEDOUT');
    expect(done).toHaveBeenCalledTimes(1);
    expect(done.mock.calls[0]![0]).toMatchObject({ errors: [second, first] });
  });

  it('the only one fails with its own error', async () => {
    const { attempts, done } = connect('a');
    const error = await fail(attempts[0]!, 'ECONNREFUSED');
    expect(done.mock.calls).toEqual([[error, null]]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('none goes on once it is stopped', () => {
    const { attempts, tried, done, stop } = connect('a', 'b', 'c');
    jest.advanceTimersByTime(250);
    stop();
    jest.advanceTimersByTime(60_000);
    expect(tried).toEqual(['a', 'b']);
    expect(attempts.map(({ destroyed }) => destroyed)).toEqual([true, true]);
    expect(done).not.toHaveBeenCalled();
  });
});
