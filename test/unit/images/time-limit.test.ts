import { TimeLimit } from '../../../lib/images/time-limit';

describe('TimeLimit', () => {
  let expired: string[];
  const limit = () => new TimeLimit(1000, 300, (what) => expired.push(what));

  beforeEach(() => {
    jest.useFakeTimers();
    expired = [];
  });
  afterEach(() => jest.useRealTimers());

  it('passes the stall limit when nothing comes for that long at a stretch', () => {
    limit().resume();
    jest.advanceTimersByTime(299);
    expect(expired).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(expired).toEqual(['stall']);
  });

  it('adds up the waits of a side that trickles', () => {
    const trickle = limit();
    for (let n = 0; n < 4; n += 1) {
      trickle.resume();
      jest.advanceTimersByTime(240);
      trickle.pause();
    }
    trickle.resume();
    jest.advanceTimersByTime(39);
    expect(expired).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(expired).toEqual(['total']);
  });

  it('does not count the time in which the other side is waited for', () => {
    const source = limit();
    source.resume();
    jest.advanceTimersByTime(200);
    source.pause();
    jest.advanceTimersByTime(1_000_000);
    source.resume();
    jest.advanceTimersByTime(200);
    expect(expired).toEqual([]);
  });

  it('begins the time at a stretch anew with everything that comes, but not the time in all', () => {
    const steady = limit();
    steady.resume();
    for (let n = 0; n < 9; n += 1) {
      jest.advanceTimersByTime(100);
      steady.progress();
    }
    jest.advanceTimersByTime(99);
    expect(expired).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(expired).toEqual(['total']);
  });

  it('does not wait for a side because it has sent something', () => {
    limit().progress();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is not confused by a pause or a resume too many', () => {
    const source = limit();
    source.pause();
    source.resume();
    source.resume();
    jest.advanceTimersByTime(200);
    source.pause();
    source.pause();
    jest.advanceTimersByTime(1_000_000);
    expect(expired).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });
});
