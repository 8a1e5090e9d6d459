import { RelayError, isRelayError } from '../../../lib/errors';
import { createRateGate, type RateGate } from '../../../lib/imgur/rate-gate';
import { collectLog, type CollectedLog } from './collect-log';

const NOW = Date.parse('2026-11-20T16:00:00.000Z');

let gate: RateGate;
let lines: CollectedLog;
let opened: string[];

function create(maxPauseMs = 3_600_000, concurrency = 8, random = () => 0): void {
  lines = collectLog();
  gate = createRateGate({ maxPauseMs, concurrency, log: lines.log, random });
  opened = [];
  gate.onOpen((key) => opened.push(key));
}

function enter(count: number, key = 'default'): void {
  for (let i = 0; i < count; i += 1) expect(gate.tryEnter(key)).toBe('enter');
}

/** One upload as the client and the scheduler run it. */
function refuse(waitMs: number | null = null, round = gate.round('default')): void {
  gate.pause('default', waitMs, 'Too Many Requests', round);
  gate.leave('default', 'refused');
}

const untilMs = (): number => Date.parse(gate.pausedUntil() ?? '') - Date.now();
const warnings = (): unknown[] => lines.read().filter((line) => line['level'] === 'warn');

beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
  create();
});

afterEach(() => {
  gate.close();
  jest.useRealTimers();
});

it('lets everything in while Imgur takes it', () => {
  enter(100);
  expect(gate.pausedUntil()).toBeNull();
});

it('makes uploads wait during a pause, and says until when', () => {
  gate.pause('default', 60_000, 'Too Many Requests');
  expect(gate.tryEnter('default')).toBe('wait');
  expect(gate.pausedUntil()).toBe('2026-11-20T16:01:00.000Z');
  expect(gate.tryEnter('client-abc')).toBe('enter');
});

it('tells of each pause once, however often it is extended', () => {
  let pauses = 0;
  const { log } = lines;
  gate = createRateGate({
    maxPauseMs: 3_600_000,
    concurrency: 8,
    log,
    onPause: () => (pauses += 1),
  });
  gate.pause('default', 1000, 'x');
  gate.pause('default', 60_000, 'x');
  expect(pauses).toBe(1);
  jest.advanceTimersByTime(61_000);
  gate.pause('default', 1000, 'x');
  expect(pauses).toBe(2);
});

it('opens by itself, for one upload, and calls back', () => {
  gate.pause('default', 60_000, 'x');
  jest.advanceTimersByTime(59_999);
  expect(opened).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(opened).toEqual(['default']);
  expect(gate.pausedUntil()).toBeNull();
  enter(1);
  expect(gate.tryEnter('default')).toBe('wait');
});

it('doubles the places with each success until it is open', () => {
  gate.pause('default', 1000, 'x');
  jest.advanceTimersByTime(1000);
  for (const places of [1, 2, 4]) {
    enter(places);
    expect(gate.tryEnter('default')).toBe('wait');
    for (let i = 1; i < places; i += 1) gate.leave('default', 'other');
    opened = [];
    gate.leave('default', 'success');
    expect(opened).toEqual(['default']);
  }
  enter(100);
});

it('gives the place of a probe that ended otherwise to the next one', () => {
  gate.pause('default', 1000, 'x');
  jest.advanceTimersByTime(1000);
  enter(1);
  opened = [];
  gate.leave('default', 'other');
  expect(opened).toEqual(['default']);
  enter(1);
  expect(gate.tryEnter('default')).toBe('wait');
});

it('chooses 1 s and doubles it with each refused probe, up to 10 min', () => {
  enter(1);
  refuse();
  const waits = [untilMs()];
  for (let i = 0; i < 11; i += 1) {
    jest.advanceTimersByTime(untilMs());
    enter(1);
    refuse();
    waits.push(untilMs());
  }
  const expected = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600];
  expect(waits).toEqual(expected.map((s) => s * 1000));
});

it('begins with 1 s again once it was fully open', () => {
  create(3_600_000, 1);
  enter(1);
  refuse();
  jest.advanceTimersByTime(1000);
  enter(1);
  gate.leave('default', 'success');
  enter(1);
  refuse();
  expect(untilMs()).toBe(1000);
});

it('counts the refusals of uploads that were under way once, and logs them once', () => {
  enter(32);
  const round = gate.round('default');
  for (let i = 0; i < 32; i += 1) refuse(null, round);
  expect(untilMs()).toBe(1000);
  expect(warnings()).toHaveLength(1);
  jest.advanceTimersByTime(1000);
  enter(1);
  refuse();
  expect(untilMs()).toBe(2000);
});

it('does not choose a longer wait during a pause', () => {
  for (let i = 0; i < 5; i += 1) gate.pause('default', null, 'x');
  expect(untilMs()).toBe(1000);
});

it('does not take a late refusal for one of the probe', () => {
  enter(2);
  const round = gate.round('default');
  refuse(null, round);
  jest.advanceTimersByTime(1000);
  refuse(null, round);
  expect(gate.pausedUntil()).toBeNull();
  enter(1);
  refuse();
  expect(untilMs()).toBe(2000);
});

it('uses a wait as it is asked for, and only ever extends a pause', () => {
  gate.pause('default', 60_000, 'x');
  gate.pause('default', 10_000, 'x');
  expect(untilMs()).toBe(60_000);
  gate.pause('default', 120_000, 'x');
  expect(untilMs()).toBe(120_000);
  jest.advanceTimersByTime(119_999);
  expect(gate.tryEnter('default')).toBe('wait');
  jest.advanceTimersByTime(1);
  expect(gate.tryEnter('default')).toBe('enter');
});

it('jitters upward: up to 10 % of its own choice, up to 250 ms of what was asked for', () => {
  create(3_600_000, 8, () => 0.999_999);
  gate.pause('default', null, 'x');
  expect(untilMs()).toBe(1100);
  gate.pause('other', 60_000, 'x');
  expect(untilMs()).toBe(60_250);
});

it('fails images for which the pause is too long, and tells those that wait', () => {
  create(60_000);
  gate.pause('default', 60_001, 'x');
  const error = gate.tryEnter('default');
  expect(isRelayError(error) && error.code).toBe('imgur_rate_limited');
  expect((error as RelayError).message).toContain('2026-11-20T16:01:00.001Z');
  expect(opened).toEqual(['default']);
  jest.advanceTimersByTime(1);
  expect(gate.tryEnter('default')).toBe('wait');
});

it('does not take its own jitter for a pause that is too long', () => {
  create(60_000, 8, () => 0.9);
  gate.pause('default', 60_000, 'x');
  expect(gate.tryEnter('default')).toBe('wait');
});

it('pauses for longer than a timer can', () => {
  create();
  const month = 30 * 24 * 3_600_000;
  gate.pause('default', month, 'x');
  jest.advanceTimersByTime(month - 1);
  expect(gate.pausedUntil()).not.toBeNull();
  jest.advanceTimersByTime(1);
  expect(gate.pausedUntil()).toBeNull();
});

it('names the longest pause of all credentials', () => {
  gate.pause('a', 10_000, 'x');
  gate.pause('b', 30_000, 'x');
  gate.pause('c', 20_000, 'x');
  expect(untilMs()).toBe(30_000);
});

it('logs a pause with its reason and its end, and the opening', () => {
  gate.pause('default', 60_000, 'Too Many Requests');
  jest.advanceTimersByTime(60_000);
  const until = '2026-11-20T16:01:00.000Z';
  expect(lines.read()).toMatchObject([
    { level: 'warn', key: 'default', why: 'Too Many Requests', pausedUntil: until },
    { level: 'info', key: 'default' },
  ]);
});

it('logs again when a pause becomes much longer, and not for jitter', () => {
  gate.pause('default', 1000, 'x');
  gate.pause('default', 1200, 'x');
  gate.pause('default', 60_000, 'wait 1 more minute');
  expect(warnings()).toHaveLength(2);
});

describe('an address that is blocked', () => {
  const error = new RelayError('imgur_forbidden', 'Imgur blocks this address: "Forbidden".');

  it('fails all images for a minute after three refusals in a row', () => {
    enter(3);
    gate.forbid('default', error);
    gate.forbid('default', error);
    expect(gate.tryEnter('default')).toBe('enter');
    gate.forbid('default', error);
    expect(gate.tryEnter('default')).toBe(error);
    expect(opened).toEqual(['default']);
    expect(untilMs()).toBe(60_000);
  });

  it('is asked again with one upload, whose refusal is enough', () => {
    for (let i = 0; i < 3; i += 1) gate.forbid('default', error);
    jest.advanceTimersByTime(60_000);
    enter(1);
    gate.forbid('default', error);
    gate.leave('default', 'other');
    expect(gate.tryEnter('default')).toBe(error);
  });

  it('is not assumed when uploads succeed in between', () => {
    for (let i = 0; i < 5; i += 1) {
      enter(1);
      gate.forbid('default', error);
      gate.leave('default', 'other');
      enter(1);
      gate.leave('default', 'success');
    }
    expect(gate.pausedUntil()).toBeNull();
  });
});

it('forgets a credential that nobody uses, and bounds their number', () => {
  gate.pause('a', 1000, 'x');
  expect(jest.getTimerCount()).toBe(1);
  jest.advanceTimersByTime(1000 + 600_000);
  expect(jest.getTimerCount()).toBe(0);
  for (let i = 0; i < 2000; i += 1) gate.pause(`key-${i}`, 1000, 'x');
  expect(jest.getTimerCount()).toBe(1000);
  // What waited for a forgotten pause is woken, or it would wait for ever.
  expect(opened).toContain('key-0');
});

it('leaves no timer behind when it is closed', () => {
  enter(1);
  gate.pause('default', 1000, 'x');
  gate.leave('default', 'refused');
  gate.close();
  expect(jest.getTimerCount()).toBe(0);
});
