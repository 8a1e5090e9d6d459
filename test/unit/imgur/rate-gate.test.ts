import { RelayError, isRelayError } from '../../../lib/errors';
import { createRateGate, type RateGate } from '../../../lib/imgur/rate-gate';
import { collectLog, type CollectedLog } from './collect-log';

const NOW = Date.parse('2026-11-20T16:00:00.000Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A credential of a job: what is known of it is let go of as soon as that says nothing. */
const KEY = 'client-a';

let gate: RateGate;
let lines: CollectedLog;
let opened: string[];

function create(parts: Partial<Parameters<typeof createRateGate>[0]> = {}): void {
  lines = collectLog();
  const { log } = lines;
  gate = createRateGate({ maxPauseMs: HOUR, concurrency: 8, log, random: () => 0, ...parts });
  opened = [];
  gate.onOpen((key) => opened.push(key));
}

const ask = (key = KEY) => gate.tryEnter(key);
const leave = (outcome: 'success' | 'refused' | 'other'): void => gate.leave(KEY, outcome);
const pause = (waitMs: number | null): void => gate.pause(KEY, waitMs, 'x');

function enter(count: number, key = KEY): void {
  for (let i = 0; i < count; i += 1) expect(ask(key)).toBe('enter');
}

/** One upload as the client and the worker run it. */
function refuse(waitMs: number | null = null, round = gate.round(KEY)): void {
  gate.pause(KEY, waitMs, 'Too Many Requests', round);
  leave('refused');
}

/** Imgur pauses the uploads for so long, and that is over. */
function passPause(waitMs = 1000): void {
  pause(waitMs);
  jest.advanceTimersByTime(waitMs);
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
  pause(60_000);
  expect(ask()).toBe('wait');
  expect(gate.pausedUntil()).toBe('2026-11-20T16:01:00.000Z');
  enter(1, 'client-b');
});

it('tells of each pause once, however often it is extended', () => {
  let pauses = 0;
  create({ onPause: () => (pauses += 1) });
  pause(1000);
  pause(60_000);
  expect(pauses).toBe(1);
  jest.advanceTimersByTime(60_000);
  pause(1000);
  expect(pauses).toBe(2);
});

it('opens by itself, for one upload, and calls back', () => {
  pause(60_000);
  jest.advanceTimersByTime(59_999);
  expect(opened).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(opened).toEqual([KEY]);
  expect(gate.pausedUntil()).toBeNull();
  enter(1);
  expect(ask()).toBe('wait');
});

it('doubles the places with each success until it is open', () => {
  passPause();
  for (const places of [1, 2, 4]) {
    enter(places);
    expect(ask()).toBe('wait');
    for (let i = 1; i < places; i += 1) leave('other');
    opened = [];
    leave('success');
    expect(opened).toEqual([KEY]);
  }
  enter(100);
});

it('gives the place of a probe that ended otherwise to the next one', () => {
  passPause();
  enter(1);
  opened = [];
  leave('other');
  expect(opened).toEqual([KEY]);
  enter(1);
  expect(ask()).toBe('wait');
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
  create({ concurrency: 1 });
  gate.pause('default', null, 'x');
  jest.advanceTimersByTime(1000);
  enter(1, 'default');
  gate.leave('default', 'success');
  gate.pause('default', null, 'x');
  expect(untilMs()).toBe(1000);
});

it('opens for one upload again where it was closed before it was fully open', () => {
  passPause();
  enter(1);
  leave('success');
  passPause();
  enter(1);
  expect(ask()).toBe('wait');
});

it('counts the refusals of uploads that were under way once, and logs them once', () => {
  enter(32);
  const round = gate.round(KEY);
  for (let i = 0; i < 32; i += 1) refuse(null, round);
  expect(untilMs()).toBe(1000);
  expect(warnings()).toHaveLength(1);
  jest.advanceTimersByTime(1000);
  enter(1);
  refuse();
  expect(untilMs()).toBe(2000);
});

it('does not choose a longer wait during a pause', () => {
  for (let i = 0; i < 5; i += 1) pause(null);
  expect(untilMs()).toBe(1000);
});

it('does not take a late refusal for one of the probe', () => {
  enter(2);
  const round = gate.round(KEY);
  refuse(null, round);
  jest.advanceTimersByTime(1000);
  refuse(null, round);
  expect(gate.pausedUntil()).toBeNull();
  enter(1);
  refuse();
  expect(untilMs()).toBe(2000);
});

it('uses a wait as it is asked for, and only ever extends a pause', () => {
  pause(60_000);
  pause(10_000);
  expect(untilMs()).toBe(60_000);
  pause(120_000);
  expect(untilMs()).toBe(120_000);
  jest.advanceTimersByTime(119_999);
  expect(ask()).toBe('wait');
  jest.advanceTimersByTime(1);
  expect(ask()).toBe('enter');
});

it('jitters upward: up to 10 % of its own choice, up to 250 ms of what was asked for', () => {
  create({ random: () => 0.999_999 });
  pause(null);
  expect(untilMs()).toBe(1100);
  gate.pause('other', 60_000, 'x');
  expect(untilMs()).toBe(60_250);
});

it('fails images for which the pause is too long, and tells those that wait', () => {
  create({ maxPauseMs: 60_000 });
  pause(60_001);
  const error = ask();
  expect(isRelayError(error) && error.code).toBe('imgur_rate_limited');
  expect((error as RelayError).message).toContain('2026-11-20T16:01:00.001Z');
  expect(opened).toEqual([KEY]);
  jest.advanceTimersByTime(1);
  expect(ask()).toBe('wait');
});

it('does not take its own jitter for a pause that is too long', () => {
  create({ maxPauseMs: 60_000, random: () => 0.9 });
  pause(60_000);
  expect(ask()).toBe('wait');
});

describe('a gate that Imgur never opens', () => {
  /** Refuses whatever tests the gate until the time has come. @returns how many did. */
  function refuseAll(ms: number, waitMs: number | null = null): number {
    const end = Date.now() + ms;
    let probes = 0;
    while (Date.now() < end) {
      if (ask() === 'enter') {
        probes += 1;
        refuse(waitMs);
      }
      jest.advanceTimersByTime(Number.isNaN(untilMs()) ? 1000 : untilMs());
    }
    return probes;
  }

  it('makes nobody wait for longer than the longest pause, in thirty days', () => {
    const startedAt = Date.now();
    let [probes, failed] = [0, 0];
    let waiting = 100;
    const askAll = (): void => {
      while (waiting > 0) {
        const answer = ask();
        if (answer === 'wait') return;
        if (isRelayError(answer)) {
          expect(answer.code).toBe('imgur_rate_limited');
          waiting -= 1;
          failed += 1;
        } else {
          probes += 1;
          refuse();
        }
      }
    };
    gate.onOpen(askAll);
    askAll();
    while (waiting > 0 && Date.now() < startedAt + 30 * DAY) jest.advanceTimersByTime(1000);
    expect({ failed, waiting }).toEqual({ failed: 100, waiting: 0 });
    expect(Date.now() - startedAt).toBeLessThanOrEqual(HOUR);
    expect(probes).toBeLessThan(20);
    jest.advanceTimersByTime(30 * DAY);
    expect([probes, jest.getTimerCount()]).toEqual([probes, 0]);
  });

  it('fails those that waited where a second pause as asked for would be too long for them', () => {
    enter(1);
    refuse(59 * MINUTE);
    expect(ask()).toBe('wait');
    jest.advanceTimersByTime(59 * MINUTE);
    enter(1);
    opened = [];
    refuse(59 * MINUTE);
    expect(ask()).toMatchObject({ code: 'imgur_rate_limited' });
    expect(opened).toContain(KEY);
  });

  it.each([
    ['at once, while the pause lasts', 0],
    ['at once, hours later', 20 * HOUR],
  ])('fails those that come after that %s, but for one that tests it', (_, later) => {
    refuseAll(2 * HOUR);
    jest.advanceTimersByTime(later + 600_000);
    enter(1);
    expect(ask()).toBe('wait');
    refuse();
    const error = ask();
    expect(error).toMatchObject({ code: 'imgur_rate_limited' });
    expect((error as RelayError).message).toContain('since 2026-11-20T16:00:00.000Z');
  });

  it('makes images wait again once Imgur has taken one', () => {
    refuseAll(2 * HOUR);
    enter(1);
    leave('success');
    pause(59 * MINUTE);
    jest.advanceTimersByTime(30 * MINUTE);
    pause(59 * MINUTE);
    expect(ask()).toBe('wait');
  });
});

describe('an upload that was the last one which the limit allows', () => {
  const spend = (): void => {
    enter(1);
    gate.spend(KEY, null, gate.round(KEY));
    leave('success');
  };

  it('is no refusal: ten of them pause for a second each', () => {
    let pausedMs = 0;
    for (let i = 0; i < 10; i += 1) {
      spend();
      expect(ask()).toBe('wait');
      pausedMs += untilMs();
      jest.advanceTimersByTime(untilMs());
    }
    expect(pausedMs).toBe(10_000);
  });

  it('shows that Imgur takes uploads, however long they follow each other', () => {
    create({ maxPauseMs: 5000 });
    for (let i = 0; i < 20; i += 1) {
      spend();
      expect(ask()).toBe('wait');
      jest.advanceTimersByTime(untilMs());
    }
  });

  it('pauses nothing where it began before the last pause, which is over', () => {
    const round = gate.round(KEY);
    passPause();
    gate.spend(KEY, null, round);
    expect(gate.pausedUntil()).toBeNull();
  });

  it('pauses for as long as the limit says, and counts once for uploads under way', () => {
    enter(8);
    const round = gate.round(KEY);
    for (let i = 0; i < 4; i += 1) gate.spend(KEY, null, round);
    expect(untilMs()).toBe(1000);
    gate.spend(KEY, 60_000, round);
    expect(untilMs()).toBe(60_000);
  });
});

describe('a wall clock that is set', () => {
  it.each([
    ['back', -7_200_000],
    ['forth', 7_200_000],
  ])('%s changes when a pause seems to end, and not when it does', (_, ms) => {
    let [elapsed, setBy] = [0, 0];
    create({ now: () => elapsed, wallClock: () => NOW + elapsed + setBy });
    pause(60_000);
    setBy = ms;
    expect(ask()).toBe('wait');
    expect(gate.pausedUntil()).toBe(new Date(NOW + 60_000 + ms).toISOString());
    elapsed = 60_000;
    jest.advanceTimersByTime(60_000);
    enter(1);
  });
});

it('pauses for longer than a timer can', () => {
  const month = 30 * DAY;
  pause(month);
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
  gate.pause(KEY, 60_000, 'Too Many Requests');
  jest.advanceTimersByTime(60_000);
  const until = '2026-11-20T16:01:00.000Z';
  expect(lines.read()).toMatchObject([
    { level: 'warn', key: KEY, why: 'Too Many Requests', pausedUntil: until },
    { level: 'info', key: KEY },
  ]);
});

it('logs again when a pause becomes much longer, and not for jitter', () => {
  pause(1000);
  pause(1200);
  pause(60_000);
  expect(warnings()).toHaveLength(2);
});

describe('an address that is blocked', () => {
  const error = new RelayError('imgur_forbidden', 'Imgur blocks this address: "Forbidden".');

  it('fails all images for a minute after three refusals in a row', () => {
    for (let i = 0; i < 3; i += 1) {
      enter(1);
      gate.forbid(KEY, error);
      leave('other');
    }
    expect(ask()).toBe(error);
    expect(opened).toEqual([KEY]);
    expect(untilMs()).toBe(60_000);
  });

  it('is enough to be refused once where one upload tests the gate', () => {
    passPause();
    for (let i = 0; i < 2; i += 1) {
      enter(1);
      gate.forbid(KEY, error);
      leave('other');
      expect(ask()).toBe(error);
      jest.advanceTimersByTime(60_000);
    }
  });

  it('is not assumed when uploads succeed in between', () => {
    for (let i = 0; i < 5; i += 1) {
      enter(1);
      gate.forbid(KEY, error);
      leave('other');
      enter(1);
      leave('success');
    }
    expect(gate.pausedUntil()).toBeNull();
  });
});

describe('a credential that is refused', () => {
  const error = new RelayError('imgur_auth', 'Imgur refused the client ID.', { retryable: true });
  const doubt = (round = gate.round(KEY)): void => {
    gate.doubt(KEY, error, round);
    leave('other');
  };

  it('three times in a row is tested by one upload a second later, then fails them all', () => {
    enter(32);
    const round = gate.round(KEY);
    for (let i = 0; i < 32; i += 1) doubt(round);
    expect(ask()).toBe('wait');
    expect(untilMs()).toBe(1000);
    jest.advanceTimersByTime(1000);
    enter(1);
    doubt();
    const failed = ask();
    expect(failed).toMatchObject({ code: 'imgur_auth', message: error.message, retryable: false });
    expect(untilMs()).toBe(60_000);
    jest.advanceTimersByTime(60_000);
    enter(1);
    expect(ask()).toBe('wait');
    doubt();
    expect(ask()).toMatchObject({ code: 'imgur_auth' });
  });

  it('now and then is a right one: nobody waits', () => {
    for (let i = 0; i < 5; i += 1) {
      enter(3);
      doubt();
      doubt();
      leave('success');
    }
    expect(gate.pausedUntil()).toBeNull();
  });

  it('for a moment only fails nobody, also where late refusals come during the test', () => {
    enter(4);
    const round = gate.round(KEY);
    for (let i = 0; i < 3; i += 1) doubt(round);
    jest.advanceTimersByTime(1000);
    doubt(round);
    enter(1);
    leave('success');
    enter(2);
    expect(gate.pausedUntil()).toBeNull();
  });

  it('for good fails them all for a minute, and is then tested by one', () => {
    gate.refuse(KEY, error);
    expect(ask()).toMatchObject({ code: 'imgur_auth', retryable: false });
    expect(opened).toEqual([KEY]);
    jest.advanceTimersByTime(60_000);
    enter(1);
    expect(ask()).toBe('wait');
  });
});

describe('what is known of a credential', () => {
  it('is what is under way with it, which tests it after a pause', () => {
    enter(2);
    leave('success');
    passPause();
    expect(ask()).toBe('wait');
    leave('success');
    enter(1);
  });

  it('is nothing of one that only uploaded, so that thousands of them push out no other', async () => {
    for (let i = 0; i < 2000; i += 1) {
      enter(1, `client-${i}`);
      gate.leave(`client-${i}`, 'success');
    }
    await Promise.resolve();
    expect(opened).toEqual([]);
  });

  it('is forgotten ten minutes after a pause, unless an upload is under way', () => {
    passPause();
    jest.advanceTimersByTime(10 * MINUTE);
    expect(gate.round(KEY)).toBe(0);
    passPause();
    enter(1);
    jest.advanceTimersByTime(10 * MINUTE);
    expect(gate.round(KEY)).toBe(1);
    leave('other');
    jest.advanceTimersByTime(10 * MINUTE);
    expect([gate.round(KEY), jest.getTimerCount()]).toEqual([0, 0]);
  });

  it('is watched by no timer once it is fully open again', () => {
    create({ concurrency: 2 });
    passPause();
    enter(1);
    leave('success');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is nothing where an upload leaves that it never let in', () => {
    passPause();
    leave('other');
    enter(1);
    expect(ask()).toBe('wait');
  });

  it('is of a thousand credentials at most', async () => {
    for (let i = 0; i < 2000; i += 1) gate.pause(`key-${i}`, 1000, 'x');
    expect(jest.getTimerCount()).toBe(1000);
    await Promise.resolve();
    // What waited for a forgotten pause is woken, or it would wait for ever.
    expect(opened).toContain('key-0');
  });
});

describe('what makes room for a thousand other credentials', () => {
  const error = new RelayError('imgur_forbidden', 'Imgur blocks this account: "Forbidden".');
  const forbidMany = (): void => {
    for (let i = 0; i < 2000; i += 1) gate.refuse(`client-${i}`, error);
  };

  it('is never the pause of the configured one', () => {
    gate.pause('default', 30_000, 'x');
    forbidMany();
    expect(ask('default')).toBe('wait');
  });

  it('is none with an upload under way', () => {
    enter(1);
    pause(1000);
    forbidMany();
    expect(ask()).toBe('wait');
  });

  it('is no longer pause than the others', () => {
    gate.pause('client-paused', 120_000, 'x');
    forbidMany();
    expect(ask('client-paused')).toBe('wait');
  });

  it('is rather a credential that is not paused', () => {
    for (let i = 0; i < 900; i += 1) gate.refuse(`client-paused-${i}`, error);
    for (let i = 0; i < 2000; i += 1) gate.forbid(`client-${i}`, error);
    expect(ask('client-paused-0')).toBe(error);
  });

  it('is told to those who wait for it, but not amid the asking of somebody else', async () => {
    for (let i = 0; i < 1000; i += 1) gate.pause(`client-${i}`, 1000 + i, 'x');
    enter(1, 'client-new');
    expect(opened).toEqual([]);
    await Promise.resolve();
    expect(opened).toEqual(['client-0']);
  });
});

it('leaves no timer behind when it is closed', () => {
  enter(1);
  pause(1000);
  leave('refused');
  gate.close();
  expect(jest.getTimerCount()).toBe(0);
});

it('says what images of the configured credential fail with, while they do', () => {
  const error = new RelayError('imgur_auth', 'Imgur refused the client ID.');
  gate.pause('default', HOUR, 'x');
  gate.refuse('other', error);
  expect(gate.refusal()).toBeNull();
  gate.pause('default', HOUR + 1, 'x');
  expect(gate.refusal()?.code).toBe('imgur_rate_limited');

  create();
  expect(gate.refusal()).toBeNull();
  gate.refuse('default', error);
  expect(gate.refusal()).toBe(error);
  // Whoever sends no image here any more would never learn that they are taken again.
  jest.advanceTimersByTime(60_000);
  expect(gate.refusal()).toBeNull();
});

it('knows how long ago Imgur took an upload of the configured credential', () => {
  enter(2, 'default');
  enter(1, 'other');
  gate.leave('other', 'success');
  gate.leave('default', 'refused');
  expect(gate.sinceTaken()).toBe(Infinity);
  gate.leave('default', 'success');
  jest.advanceTimersByTime(1500);
  expect(gate.sinceTaken()).toBe(1500);
});
