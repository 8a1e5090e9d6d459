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

  describe('judging the flow', () => {
    let heard: string[];
    const watched = (): TimeLimit =>
      new TimeLimit(60_000, 10_000, (what) => expired.push(what), {
        silent: () => heard.push('silent'),
        sends: () => heard.push('sends'),
      });
    beforeEach(() => (heard = []));

    it('tells each second of a side that sends nothing, and keeps its limits', () => {
      watched().resume();
      jest.advanceTimersByTime(999);
      expect(heard).toEqual([]);
      jest.advanceTimersByTime(9000);
      expect(heard).toEqual(Array(9).fill('silent'));
      jest.advanceTimersByTime(1);
      expect(expired).toEqual(['stall']);
    });

    it('takes a trickle for silence, and a second in which enough came not', () => {
      const source = watched();
      source.resume();
      for (let n = 0; n < 10; n += 1) {
        source.progress(100);
        jest.advanceTimersByTime(100);
      }
      expect(heard).toEqual(['silent']);
      source.progress(20_000);
      jest.advanceTimersByTime(1000);
      expect(heard).toEqual(['silent', 'sends']);
    });

    it('says nothing of a side that is not waited for', () => {
      const source = watched();
      source.resume();
      jest.advanceTimersByTime(900);
      source.pause();
      jest.advanceTimersByTime(5000);
      source.resume();
      jest.advanceTimersByTime(900);
      expect(heard).toEqual([]);
      jest.advanceTimersByTime(100);
      expect(heard).toEqual(['silent']);
    });

    it('says nothing once it is over, also when it is over by what was said', () => {
      const source: TimeLimit = new TimeLimit(60_000, 10_000, () => undefined, {
        silent: () => {
          heard.push('silent');
          source.stop();
        },
        sends: () => undefined,
      });
      source.resume();
      jest.advanceTimersByTime(5000);
      expect(heard).toEqual(['silent']);
      expect(jest.getTimerCount()).toBe(0);
    });
  });
});
