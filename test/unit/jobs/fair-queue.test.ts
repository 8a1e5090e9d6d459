import fc from 'fast-check';
import { FairQueue, type QueuedJob } from '../../../lib/jobs/fair-queue/fair-queue';
import type { Turn } from '../../../lib/jobs/fair-queue/turn';
import { FairQueueModel, nameOf, type TestJob } from './fair-queue-model';

const ROOMY = { perHost: 8, perAddress: 1000, perJob: 1000 };
const always = (): boolean => true;
const [a, b, c] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];

function fill(
  queue: FairQueue<TestJob>,
  job: TestJob,
  hosts: readonly string[],
  credential = 'default',
): QueuedJob<TestJob> {
  return queue.add(job, credential, hosts.entries());
}

/** The next images that start, none of which ends. */
function take(
  queue: FairQueue<TestJob>,
  count: number,
  admits: (job: TestJob) => boolean = always,
): string[] {
  return Array.from({ length: count }, () => nameOf(queue.next(admits)));
}

function start(queue: FairQueue<TestJob>): Turn<TestJob> {
  const turn = queue.next(always);
  if (!turn || turn === 'later') throw new Error('Expected an image to start');
  return turn;
}

/** Starts images, each of which ends at once, until one matches. @returns how many came before. */
function startsBefore(queue: FairQueue<TestJob>, matches: (turn: Turn<TestJob>) => boolean) {
  for (let before = 0; ; before += 1) {
    const turn = start(queue);
    const isIt = matches(turn);
    queue.release(turn);
    if (isIt) return before;
  }
}

describe('FairQueue', () => {
  it('takes images in turn from all jobs', () => {
    const queue = new FairQueue<TestJob>(ROOMY);
    fill(queue, a, ['x', 'x', 'x']);
    fill(queue, b, ['y']);
    expect(take(queue, 5)).toEqual(['a0', 'b0', 'a1', 'a2', '-']);
  });

  it('takes next from the job with the fewest under way', () => {
    const queue = new FairQueue<TestJob>(ROOMY);
    fill(queue, a, ['x', 'x', 'x', 'x']);
    expect(take(queue, 2)).toEqual(['a0', 'a1']);
    fill(queue, b, ['y', 'y', 'y']);
    expect(take(queue, 4)).toEqual(['b0', 'b1', 'a2', 'b2']);
  });

  it('lets a job whose latest image has failed wait for the others, but not for ever', () => {
    const withFailure = (): FairQueue<TestJob> => {
      const queue = new FairQueue<TestJob>({ ...ROOMY, perHost: 1000 });
      fill(queue, a, ['x', 'x', 'x']);
      const failed = start(queue);
      queue.ended(failed, true);
      queue.release(failed);
      fill(queue, b, Array<string>(1000).fill('y'));
      return queue;
    };
    const under = take(withFailure(), 10);
    expect(under).toEqual(['b0', 'b1', 'b2', 'b3', 'b4', 'b5', 'b6', 'b7', 'a1', 'b8']);
    // Here each image ends before the next one starts.
    const before = startsBefore(withFailure(), ({ job }) => job === a);
    expect(before).toBeGreaterThan(700);
    expect(before).toBeLessThan(900);
  });

  it('ranks a job as before once an image of it has come to something', () => {
    const queue = new FairQueue<TestJob>(ROOMY);
    fill(queue, a, ['x', 'x', 'x', 'x']);
    for (const hasFailed of [true, false]) {
      const turn = start(queue);
      queue.ended(turn, hasFailed);
      queue.release(turn);
    }
    fill(queue, b, ['y', 'y']);
    expect(take(queue, 4)).toEqual(['a2', 'b0', 'a3', 'b1']);
  });

  it('ranks by what is under way where the end of one image gives room to another job', () => {
    const queue = new FairQueue<TestJob>({ ...ROOMY, perHost: 1 });
    const hosts = (prefix: string, count: number): string[] =>
      Array.from({ length: count }, (_, at) => `${prefix}${at}`);
    const fail = (): void => {
      const turn = start(queue);
      queue.ended(turn, true);
      queue.release(turn);
    };
    fill(queue, a, ['failing', 'shared', ...hosts('a', 9)]);
    fail();
    const ending = start(queue);
    fill(queue, b, hosts('b', 9));
    expect(take(queue, 6)).toEqual(['b0', 'b1', 'b2', 'b3', 'b4', 'b5']);
    fill(queue, { name: 'd' }, ['failing', 'd']);
    fail();
    fill(queue, c, [...hosts('c', 5), 'shared']);
    expect(take(queue, 6)).toEqual(['c0', 'c1', 'c2', 'c3', 'c4', 'b6']);
    queue.ended(ending, false);
    queue.release(ending);
    expect(take(queue, 6)).toEqual(['a2', 'a3', 'a4', 'a5', 'a6', 'c5']);
  });

  it('counts lent places as well, but no more of them than one host may have', () => {
    const queue = new FairQueue<TestJob>({ ...ROOMY, perHost: 2 });
    fill(queue, a, ['v', 'w', 'x', 'y', 'z', 'z']);
    for (let lent = 0; lent < 4; lent += 1) queue.lend(start(queue));
    fill(queue, b, ['p', 'q', 'r', 's', 't', 'u']);
    expect(take(queue, 6)).toEqual(['b0', 'b1', 'a4', 'b2', 'a5', 'b3']);
  });

  it('lets no job that has lent as much as it may hold up the others while places are tight', () => {
    const queue = new FairQueue<TestJob>({ ...ROOMY, perHost: 1 });
    fill(queue, a, ['x', 'y']);
    queue.lend(start(queue));
    // So many others came that its turn has come again.
    for (let others = 0; others < 100; others += 1) fill(queue, c, []);
    fill(queue, b, ['z']);
    expect(nameOf(queue.next(always, true))).toBe('b0');
    expect(nameOf(queue.next(always, true))).toBe('-');
    expect(take(queue, 2)).toEqual(['a1', '-']);
  });

  it('takes the hosts of a job in turn, and keeps the order of each', () => {
    const queue = new FairQueue<TestJob>(ROOMY);
    fill(queue, a, ['x', 'x', 'x', 'y', 'y']);
    expect(take(queue, 5)).toEqual(['a0', 'a3', 'a1', 'a4', 'a2']);
  });

  it('gives no host more than its places, and other hosts theirs meanwhile', () => {
    const queue = new FairQueue<TestJob>({ ...ROOMY, perHost: 2 });
    fill(queue, a, ['slow', 'slow', 'slow', 'fast']);
    const first = start(queue);
    expect(take(queue, 3)).toEqual(['a3', 'a1', '-']);
    queue.release(first);
    expect(take(queue, 2)).toEqual(['a2', '-']);
  });

  it('gives no job more than its places, lent ones included', () => {
    const queue = new FairQueue<TestJob>({ ...ROOMY, perJob: 2 });
    fill(queue, a, ['x', 'y', 'z']);
    const first = start(queue);
    queue.lend(first);
    expect(take(queue, 2)).toEqual(['a1', '-']);
    queue.release(first);
    expect(take(queue, 2)).toEqual(['a2', '-']);
  });

  it('gives the place at a source to another once an image needs nothing more from there', () => {
    const queue = new FairQueue<TestJob>({ perHost: 1, perAddress: 1, perJob: 100 });
    fill(queue, a, ['x', 'x', 'x']);
    const first = start(queue);
    queue.leadsTo(first, '192.0.2.1 80');
    expect(take(queue, 1)).toEqual(['-']);
    queue.leaveSource(first);
    const second = start(queue);
    expect([second.index, take(queue, 1)]).toEqual([1, ['-']]);
    // It has given its place up already.
    queue.release(first, 'last');
    expect(take(queue, 1)).toEqual(['-']);
    queue.release(second);
    expect(take(queue, 2)).toEqual(['a2', '-']);
  });

  it('finds a source again that an image left as the last one, to be tried anew there', () => {
    const queue = new FairQueue<TestJob>({ perHost: 1, perAddress: 1, perJob: 100 });
    fill(queue, a, ['x']);
    const only = start(queue);
    queue.leaveSource(only);
    queue.release(only);
    fill(queue, b, ['x']);
    const other = start(queue);
    queue.putBack(only);
    expect(take(queue, 1)).toEqual(['-']);
    queue.release(other);
    expect(take(queue, 1)).toEqual(['a0']);
  });

  it('gives no address more than its places, whatever names lead there', () => {
    const queue = new FairQueue<TestJob>({ perHost: 8, perAddress: 2, perJob: 100 });
    fill(queue, a, ['one', 'two', 'three', 'elsewhere']);
    const turns = [start(queue), start(queue), start(queue)];
    expect(turns.map((turn) => queue.leadsTo(turn, '192.0.2.1'))).toEqual([true, true, false]);
    queue.release(turns[2]!, 'first');
    expect(take(queue, 2)).toEqual(['a3', '-']);
    queue.release(turns[0]!);
    expect(take(queue, 2)).toEqual(['a2', '-']);
  });

  it('tries the host that has room again before the others of its job', () => {
    const queue = new FairQueue<TestJob>({ ...ROOMY, perHost: 1 });
    fill(queue, b, ['x']);
    const other = start(queue);
    const hosts = Array.from({ length: 998 }, (_, n) => `h${n}`);
    fill(queue, a, ['x', ...hosts]);
    expect(nameOf(start(queue))).toBe('a1');
    queue.release(other);
    expect(startsBefore(queue, ({ index }) => index === 0)).toBe(0);
  });

  it('starts an image whose host has room soon, however many jobs and hosts wait', () => {
    const count = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(count, count, fc.integer({ min: 1, max: 4 }), (jobs, hosts, perHost) => {
        const queue = new FairQueue<TestJob>({ ...ROOMY, perHost });
        fill(queue, a, Array<string>(perHost).fill('x'));
        const full = Array.from({ length: perHost }, () => start(queue));
        for (let job = 0; job < jobs; job += 1) {
          const others = Array.from({ length: hosts }, (_, n) => `h${n % 7}-${job % 3}`);
          fill(queue, { name: `job${job}` }, ['x', ...others, ...full.map(() => 'x')]);
        }
        // Each job finds x full once.
        for (let turns = 0; turns < jobs; turns += 1) queue.release(start(queue));
        queue.release(full[0]!);
        expect(startsBefore(queue, ({ lane }) => lane.host.name === 'x')).toBeLessThan(jobs);
      }),
      { numRuns: 200 },
    );
  });

  it('takes the hosts of a job that have room again, and its others, in turn', () => {
    const queue = new FairQueue<TestJob>({ ...ROOMY, perHost: 1 });
    fill(queue, a, ['x', 'y', 'z', 'x', 'y', 'z', 'p', 'q', 'r']);
    const full = [start(queue), start(queue), start(queue)];
    const others = [start(queue), start(queue), start(queue)];
    // x, y and z are found full.
    expect(take(queue, 1)).toEqual(['-']);
    for (const turn of others) queue.release(turn, 'last');
    for (const turn of full) queue.release(turn);
    expect(take(queue, 6)).toEqual(['a3', 'a6', 'a4', 'a7', 'a5', 'a8']);
  });

  it('lets another job have a place that a removed one waited for', () => {
    const queue = new FairQueue<TestJob>({ ...ROOMY, perHost: 1 });
    const removed = fill(queue, a, ['x', 'x']);
    fill(queue, b, ['x']);
    const first = start(queue);
    expect(take(queue, 1)).toEqual(['-']);
    queue.release(first);
    expect(queue.remove(removed)).toEqual([1]);
    expect(take(queue, 2)).toEqual(['b0', '-']);
  });

  describe('with a credential that is shut', () => {
    const shut = (job: TestJob): boolean => job !== a;

    it('does not lose a place to it', () => {
      const queue = new FairQueue<TestJob>({ ...ROOMY, perHost: 1 });
      fill(queue, a, ['x', 'x'], 'one');
      fill(queue, b, ['x'], 'other');
      const first = start(queue);
      expect(take(queue, 1)).toEqual(['-']);
      queue.release(first);
      expect(take(queue, 2, shut)).toEqual(['b0', '-']);
    });

    it('asks for none of its jobs again until it is opened', () => {
      const queue = new FairQueue<TestJob>(ROOMY);
      const asked: string[] = [];
      for (const job of [a, b, c]) fill(queue, job, ['x'], 'one');
      const refuse = (job: TestJob): boolean => {
        asked.push(job.name);
        return false;
      };
      expect(take(queue, 3, refuse)).toEqual(['-', '-', '-']);
      expect(asked).toEqual(['a']);
      queue.reopen('other');
      expect(take(queue, 1)).toEqual(['-']);
      queue.reopen('one');
      expect(take(queue, 4)).toEqual(['a0', 'b0', 'c0', '-']);
    });

    it('tells those that it passed over of room once it is opened', () => {
      const queue = new FairQueue<TestJob>({ ...ROOMY, perHost: 1 });
      fill(queue, a, ['x', 'x', 'y'], 'one');
      const first = start(queue);
      // a1 finds x full, a2 is refused.
      expect(take(queue, 1, shut)).toEqual(['-']);
      queue.release(first);
      expect(take(queue, 1, shut)).toEqual(['-']);
      queue.reopen('one');
      expect(take(queue, 3).sort()).toEqual(['-', 'a1', 'a2']);
    });
  });

  it('puts an image back before or behind the others of its host', () => {
    const queue = new FairQueue<TestJob>(ROOMY);
    fill(queue, a, ['x', 'x', 'x']);
    const [one, two] = [start(queue), start(queue)];
    queue.release(one, 'last');
    queue.release(two, 'first');
    expect(take(queue, 4)).toEqual(['a1', 'a2', 'a0', '-']);
  });

  it('takes an image again that was away for a while', () => {
    const queue = new FairQueue<TestJob>(ROOMY);
    fill(queue, a, ['x']);
    const turn = start(queue);
    queue.release(turn);
    expect(take(queue, 1)).toEqual(['-']);
    queue.putBack(turn);
    expect(take(queue, 2)).toEqual(['a0', '-']);
  });

  it('leaves the processor to others before it has looked at thousands of jobs', () => {
    const queue = new FairQueue<TestJob>({ ...ROOMY, perHost: 1 });
    for (let job = 0; job < 2500; job += 1) fill(queue, { name: `j${job}.` }, ['x']);
    expect(take(queue, 4)).toEqual(['j0.0', 'later', 'later', '-']);
  });

  it('hands out every image exactly once, and leaves none that could start', () => {
    const step = fc.oneof(
      fc.record({
        op: fc.constant('add'),
        job: fc.nat(2),
        hosts: fc.array(fc.nat(2), { maxLength: 6, size: 'max' }),
      }),
      fc.record({ op: fc.constant('next'), shut: fc.nat(6) }),
      fc.record({ op: fc.constant('fill'), shut: fc.nat(4) }),
      fc.record({ op: fc.constant('fill'), shut: fc.nat(4) }),
      fc.record({ op: fc.constant('release'), at: fc.nat(4), back: fc.nat(3) }),
      fc.record({ op: fc.constant('release'), at: fc.nat(10), back: fc.nat(3) }),
      fc.record({ op: fc.constant('lend'), at: fc.nat(10), lent: fc.boolean() }),
      fc.record({ op: fc.constant('leads'), at: fc.nat(10), to: fc.nat(2) }),
      fc.record({ op: fc.constant('remove'), at: fc.nat(10) }),
      fc.record({ op: fc.constant('reopen'), shut: fc.nat(2) }),
    );
    const limit = fc.integer({ min: 1, max: 3 });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 100, size: 'max' }),
        fc.record({ perHost: limit, perAddress: limit, perJob: fc.integer({ min: 1, max: 5 }) }),
        (steps, limits) => {
          expect(() => new FairQueueModel(limits).play(steps)).not.toThrow();
        },
      ),
      { numRuns: 600 },
    );
  });
});
