import fc from 'fast-check';
import { FairQueue, type QueuedImage } from '../../../lib/jobs/fair-queue';

interface TestJob {
  readonly name: string;
}

const always = (): boolean => true;

function fill(queue: FairQueue<TestJob>, job: TestJob, hosts: readonly string[]): void {
  hosts.forEach((host, index) => queue.add({ job, index, host }));
}

function take(queue: FairQueue<TestJob>, count: number): string[] {
  return Array.from({ length: count }, () => {
    const next = queue.next(always);
    return next ? `${next.job.name}${next.index}` : '-';
  });
}

describe('FairQueue', () => {
  const [a, b] = [{ name: 'a' }, { name: 'b' }];

  it('takes images in turn from all jobs', () => {
    const queue = new FairQueue<TestJob>(8);
    fill(queue, a, ['x', 'x', 'x']);
    fill(queue, b, ['y']);
    expect(take(queue, 5)).toEqual(['a0', 'b0', 'a1', 'a2', '-']);
  });

  it('keeps the order of a job that has one host', () => {
    const queue = new FairQueue<TestJob>(8);
    fill(queue, a, ['x', 'x', 'x']);
    expect(take(queue, 3)).toEqual(['a0', 'a1', 'a2']);
  });

  it('gives no host more than its places, and other hosts theirs meanwhile', () => {
    const queue = new FairQueue<TestJob>(2);
    fill(queue, a, ['slow', 'slow', 'slow', 'fast']);
    expect(take(queue, 4)).toEqual(['a0', 'a3', 'a1', '-']);
    queue.release('slow');
    expect(take(queue, 2)).toEqual(['a2', '-']);
  });

  it('lets another job have a place that a removed one waited for', () => {
    const queue = new FairQueue<TestJob>(1);
    fill(queue, a, ['x', 'x']);
    fill(queue, b, ['x']);
    expect(take(queue, 2)).toEqual(['a0', '-']);
    queue.release('x');
    expect(queue.remove(a)).toEqual([1]);
    expect(take(queue, 1)).toEqual(['b0']);
  });

  it('does not lose a place to a job that its gate holds back', () => {
    const queue = new FairQueue<TestJob>(1);
    fill(queue, a, ['x', 'x']);
    fill(queue, b, ['x']);
    expect(take(queue, 2)).toEqual(['a0', '-']);
    queue.release('x');
    expect(queue.next((job) => job !== a)?.job).toBe(b);
  });

  it('asks a held back job again only after reopen', () => {
    const queue = new FairQueue<TestJob>(8);
    fill(queue, a, ['x']);
    const asked: string[] = [];
    const refuse = (job: TestJob): boolean => {
      asked.push(job.name);
      return false;
    };
    expect([queue.next(refuse), queue.next(refuse)]).toEqual([undefined, undefined]);
    expect(asked).toEqual(['a']);
    queue.reopen((job) => job === b);
    expect(take(queue, 1)).toEqual(['-']);
    queue.reopen((job) => job === a);
    expect(take(queue, 1)).toEqual(['a0']);
  });

  it('puts an image that comes back before those of its job that wait', () => {
    const queue = new FairQueue<TestJob>(1);
    fill(queue, a, ['x', 'x']);
    expect(take(queue, 1)).toEqual(['a0']);
    queue.add({ job: a, index: 0, host: 'x' }, 'first');
    queue.release('x');
    expect(take(queue, 1)).toEqual(['a0']);
    expect(queue.size).toBe(1);
  });

  it('hands out every image exactly once, whatever happens in between', () => {
    const step = fc.oneof(
      fc.record({ op: fc.constant('add'), job: fc.nat(3), host: fc.nat(3) }),
      fc.record({ op: fc.constant('next'), shut: fc.nat(4) }),
      fc.record({ op: fc.constant('release'), at: fc.nat(10) }),
      fc.record({ op: fc.constant('remove'), job: fc.nat(3) }),
      fc.record({ op: fc.constant('reopen') }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 3 }), play),
      { numRuns: 500 },
    );

    function play(steps: readonly Record<string, unknown>[], perHost: number): void {
      const queue = new FairQueue<TestJob>(perHost);
      const jobs = [a, b, { name: 'c' }, { name: 'd' }];
      const waiting = new Set<string>();
      const underWay: QueuedImage<TestJob>[] = [];
      let count = 0;
      const start = (shut: TestJob | undefined): boolean => {
        const next = queue.next((job) => job !== shut);
        if (!next) return false;
        expect(waiting.delete(`${next.job.name}/${next.index}`)).toBe(true);
        underWay.push(next);
        expect(underWay.filter(({ host }) => host === next.host).length).toBeLessThanOrEqual(
          perHost,
        );
        return true;
      };
      for (const { op, job: at, host, shut, at: which } of steps) {
        const job = jobs[Number(at)] ?? a;
        if (op === 'add') {
          count += 1;
          queue.add({ job, index: count, host: `h${String(host)}` });
          waiting.add(`${job.name}/${count}`);
        } else if (op === 'next') start(jobs[Number(shut)]);
        else if (op === 'release') {
          const [done] = underWay.splice(Number(which), 1);
          if (done) queue.release(done.host);
        } else if (op === 'remove') {
          for (const index of queue.remove(job))
            expect(waiting.delete(`${job.name}/${index}`)).toBe(true);
        } else queue.reopen(always);
        expect(queue.size).toBe(waiting.size);
      }
      // Whatever the history: with gates open and places given back, all that waits is handed out.
      queue.reopen(always);
      for (let left = waiting.size + underWay.length; left >= 0; left -= 1) {
        while (start(undefined));
        const [done] = underWay.splice(0, 1);
        if (done) queue.release(done.host);
      }
      expect(waiting.size).toBe(0);
    }
  });
});
