import { NO_QUEUE } from '../../../lib/jobs/no-queue';
import { createShiftWorker, type Shift } from '../../../lib/jobs/shift-worker';
import type { Worker } from '../../../lib/jobs/worker';
import { awaitUntil } from '../../support/await-until';

/** A shift whose state a test sets, and what was done to it. */
function play(given: { isIdle?: boolean; expectsMore?: boolean; isLeft?: boolean } = {}) {
  const state = { isIdle: false, expectsMore: false, isLeft: false, asked: 0, ...given };
  const told: string[] = [];
  const drains: number[] = [];
  const shift: Shift = {
    queue: NO_QUEUE,
    get isIdle() {
      return state.isIdle;
    },
    expectsMore: () => {
      state.asked += 1;
      return Promise.resolve(state.expectsMore);
    },
    end: () => {
      told.push('end');
      return Promise.resolve(state.isLeft);
    },
  };
  const hired: Worker = {
    run: () => {
      told.push('run');
      return Promise.resolve();
    },
    drain: (ms) => {
      told.push('drain');
      drains.push(ms);
      return Promise.resolve();
    },
  };
  const worker = (begun: Shift | null = shift) =>
    createShiftWorker({
      shifts: { begin: () => Promise.resolve(begun) },
      hire: () => hired,
      startNext: () => {
        told.push('next');
        return Promise.resolve();
      },
      imageMs: 90_000,
    });
  return { state, told, drains, worker };
}

describe('a worker in shifts', () => {
  /** A clock that goes on by a tenth of the whole whenever somebody looks at it. */
  const within = (ms: number) => {
    let now = 0;
    return () => Math.max(0, ms - (now += ms / 10));
  };

  it('ends at once where others enough are at work', async () => {
    const { told, worker } = play();
    await worker(null).run(within(900_000));
    expect(told).toEqual([]);
  });

  it('ends when there is nothing to do, and starts nobody', async () => {
    const { told, worker } = play({ isIdle: true });
    await worker().run(within(900_000));
    expect(told).toEqual(['run', 'drain', 'end']);
  });

  it('waits for what is about to come', async () => {
    const { state, told, worker } = play({ isIdle: true, expectsMore: true });
    const run = worker().run(() => 900_000);
    await awaitUntil('it to have asked again', () => state.asked > 1);
    expect(told).toEqual(['run']);
    state.expectsMore = false;
    await run;
    expect(told).toEqual(['run', 'drain', 'end']);
  });

  it('begins nothing once no whole image fits into its time, and starts the next run', async () => {
    const { told, drains, worker } = play({ isLeft: true });
    await worker().run(within(100_000));
    expect(told).toEqual(['run', 'drain', 'end', 'next']);
    // The half is over when it looks again, and a margin is kept.
    expect(drains).toEqual([30_000 - 4000]);
  });

  it('gives what is under way a whole image of time, where there is enough', async () => {
    const { drains, worker } = play();
    const left = [900_000, 900_000, 95_000, 94_000, 93_500];
    await worker().run(() => left.shift() ?? 0);
    expect(drains).toEqual([93_500 - 4000]);
  });

  it('begins images for half of a run that is shorter than an image may take', async () => {
    const { drains, worker } = play();
    await worker().run(within(10_000));
    expect(drains).toEqual([3000 - 1800]);
  });

  it('ends when the process stops, and begins no other shift', async () => {
    const { told, worker } = play();
    const working = worker();
    const run = working.run(() => 900_000);
    await awaitUntil('it to work', () => told.includes('run'));
    await working.drain(0);
    await run;
    await working.run(() => 900_000);
    expect(told).toEqual(['run', 'drain', 'drain', 'end']);
  });
});
