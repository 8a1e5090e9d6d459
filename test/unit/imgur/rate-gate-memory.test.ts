import { RelayError } from '../../../lib/errors';
import { createRateGate, type RateGate } from '../../../lib/imgur/rate-gate';
import { collectLog } from './collect-log';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const FORBIDDEN = new RelayError('imgur_forbidden', 'Imgur blocks this account.');

describe('what the rate gate knows of a credential', () => {
  let gate: RateGate;
  let opened: string[];

  beforeEach(() => {
    jest.useFakeTimers();
    // No time is the beginning of time.
    jest.advanceTimersByTime(7 * HOUR);
    const { log } = collectLog();
    gate = createRateGate({ maxPauseMs: HOUR, concurrency: 4, log, random: () => 0 });
    opened = [];
    gate.onOpen((key) => opened.push(key));
  });
  afterEach(() => {
    gate.close();
    jest.useRealTimers();
  });

  const refuse = (key: string, waitMs: number | null = null): void => {
    gate.pause(key, waitMs, 'Too Many Requests', gate.round(key));
    gate.leave(key, 'refused');
  };

  it('is its pause, also once the upload has left that it was asked of', () => {
    gate.tryEnter('a');
    refuse('a', 1000);
    expect(gate.tryEnter('a')).toBe('wait');
  });

  it('is that it was refused in a row, by one upload after the other', () => {
    for (let n = 0; n < 3; n += 1) {
      expect(gate.tryEnter('a')).toBe('enter');
      gate.forbid('a', FORBIDDEN);
      gate.leave('a', 'other');
    }
    expect(gate.tryEnter('a')).toBe(FORBIDDEN);
  });

  it('is what is under way with it, which tests it after a pause', () => {
    gate.tryEnter('a');
    gate.tryEnter('a');
    gate.leave('a', 'success');
    gate.pause('a', 1000, 'Too Many Requests');
    jest.advanceTimersByTime(1000);
    expect(gate.tryEnter('a')).toBe('wait');
    gate.leave('a', 'success');
    expect(gate.tryEnter('a')).toBe('enter');
  });

  it('is nothing of one that only uploaded, so that thousands of them push out no other', async () => {
    for (let n = 0; n < 2000; n += 1) {
      gate.tryEnter(`client-${n}`);
      gate.leave(`client-${n}`, 'success');
    }
    await Promise.resolve();
    expect(opened).toEqual([]);
  });

  it('is forgotten ten minutes after a pause, unless an upload is under way', () => {
    gate.pause('a', 1000, 'Too Many Requests');
    jest.advanceTimersByTime(1000);
    gate.tryEnter('a');
    jest.advanceTimersByTime(10 * MINUTE);
    expect(gate.round('a')).toBe(1);
    gate.leave('a', 'other');
    jest.advanceTimersByTime(10 * MINUTE);
    expect(gate.round('a')).toBe(0);
  });

  it('is watched by no timer once it is fully open again', () => {
    gate.pause('a', 1000, 'Too Many Requests');
    jest.advanceTimersByTime(1000);
    for (let n = 0; n < 2; n += 1) {
      gate.tryEnter('a');
      gate.leave('a', 'success');
    }
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is no pause that a late upload of a round before asks for again', () => {
    const round = gate.round('a');
    gate.pause('a', 1000, 'Too Many Requests', round);
    jest.advanceTimersByTime(1000);
    gate.spend('a', null, round);
    expect(gate.pausedUntil()).toBeNull();
  });

  it('is no long trouble where two pauses end within the longest', () => {
    for (let n = 0; n < 2; n += 1) {
      gate.tryEnter('a');
      refuse('a', 1000);
      expect(gate.tryEnter('a')).toBe('wait');
      jest.advanceTimersByTime(1000);
    }
  });

  it('is no trouble of before that Imgur has ended by taking an upload', () => {
    for (let n = 0; n < 2; n += 1) {
      gate.tryEnter('a');
      refuse('a', 1000);
      jest.advanceTimersByTime(1000);
    }
    gate.tryEnter('a');
    gate.leave('a', 'success');
    gate.pause('a', 59 * MINUTE, 'Too Many Requests');
    jest.advanceTimersByTime(30 * MINUTE);
    gate.pause('a', 59 * MINUTE, 'Too Many Requests');
    expect(gate.tryEnter('a')).toBe('wait');
  });

  it('is nothing where an upload leaves that it never let in', () => {
    gate.leave('a', 'success');
    expect(gate.tryEnter('a')).toBe('enter');
  });
});
