import { Cancellation } from '../../../lib/cancellation';
import { RelayError, relayErrorOf, type ReasonCode } from '../../../lib/errors';
import type { ImageRecord } from '../../../lib/jobs/job';
import { cancelJob } from '../../../lib/jobs/cancel-job';
import { createJobLog } from '../../../lib/jobs/job-log';
import { MemoryJobs } from '../../../lib/jobs/memory-jobs';
import type { Outcome, Relay, RelayProgress, UploadGate } from '../../../lib/jobs/relay';
import { createWorker, type WorkerParts } from '../../../lib/jobs/worker';
import { logLines } from '../../support/log-lines';

const LIMITS = { concurrency: 4, concurrencyPerSource: 2, attempts: 3, retryDelayMs: 0 };
type Uploaded = Extract<Outcome, { kind: 'uploaded' }>;

/** A relay whose images end when the test says so. */
function manualRelay() {
  const underWay: {
    url: string;
    cancellation: Cancellation;
    progress: RelayProgress;
    finish: (uploaded?: Partial<Uploaded>) => void;
    fail: (error: RelayError) => void;
    end: (outcome: Outcome) => void;
  }[] = [];
  const waiting: (() => void)[] = [];
  const relay: Relay = ({ url }, cancellation, progress) =>
    new Promise((resolve) => {
      const fail = (error: Error): void => resolve({ kind: 'failed', error: relayErrorOf(error) });
      cancellation.onCancel(fail);
      underWay.push({
        url,
        cancellation,
        progress,
        finish: (uploaded) => resolve({ ...uploadedFrom(url), ...uploaded }),
        fail,
        end: resolve,
      });
      for (const wake of waiting.splice(0)) wake();
    });
  /** Resolves once `count` images have been started in all. */
  const started = async (count: number): Promise<void> => {
    while (underWay.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  return { relay, underWay, started };
}

function uploadedFrom(url: string): Uploaded {
  const link = `https://i.imgur.com/${encodeURIComponent(url)}`;
  return { kind: 'uploaded', link, bytes: 1, type: 'image/png' };
}

const failing = (...reason: [ReasonCode, string]): Promise<Outcome> =>
  Promise.resolve({ kind: 'failed', error: new RelayError(...reason) });

function openGate(): UploadGate & {
  left: string[];
  state: 'enter' | 'wait' | RelayError;
  open(): void;
} {
  const listeners: ((key: string) => void)[] = [];
  return {
    left: [],
    state: 'enter',
    tryEnter() {
      return this.state;
    },
    leave(_key, outcome) {
      this.left.push(outcome);
    },
    onOpen: (listener) => listeners.push(listener),
    open() {
      this.state = 'enter';
      for (const listener of listeners) listener('default');
    },
  };
}

function setUp(relay: Relay, limits: Partial<typeof LIMITS> = {}, more: Partial<WorkerParts> = {}) {
  const bounds = { maxQueuedImages: 10_000, maxFinishedImages: 10_000, maxLinks: 10_000 };
  const all = { ...LIMITS, ...limits };
  const store = new MemoryJobs({
    ...bounds,
    ...all,
    credentialOf: (clientId) => clientId ?? 'default',
  });
  const gate = openGate();
  const { log, lines } = logLines();
  const jobLog = createJobLog(log);
  const worker = createWorker({ queue: store, relay, gate, log, jobLog, limits: all, ...more });
  const submit = async (urls: string[]): Promise<string> =>
    (await store.create({ urls, clientId: null })).jobId;
  /** Submits a job and lets the worker run. */
  const start = async (urls: string[]): Promise<string> => {
    const id = await submit(urls);
    void worker.run();
    return id;
  };
  const images = async (id: string): Promise<readonly ImageRecord[]> =>
    (await store.get(id))!.images;
  const cancel = (id: string): Promise<void> => cancelJob({ store, jobLog }, id);
  return { store, gate, lines, worker, submit, start, images, cancel };
}

const urls = (host: string, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `http://${host}/${n}.png`);

describe('the worker', () => {
  it('resolves when every image is complete or failed', async () => {
    const { relay, underWay, started } = manualRelay();
    const { store, worker, submit, images } = setUp(relay);
    const id = await submit(urls('a', 2));
    const run = worker.run();
    await started(2);
    underWay[0]!.finish();
    underWay[1]!.fail(new RelayError('not_an_image', 'No picture.'));
    await run;
    expect((await images(id)).map(({ status }) => status)).toEqual(['complete', 'failed']);
    expect((await store.get(id))?.status).toBe('complete');
  });

  it('does the work of all jobs in one run, and holds none for a job that only waits', async () => {
    const { relay, underWay, started } = manualRelay();
    const { store, worker, submit } = setUp(relay, { concurrency: 1 });
    await submit(urls('a', 1));
    const second = await submit(urls('b', 1));
    let isOver = false;
    const run = worker.run().then(() => (isOver = true));
    await started(1);
    await worker.run();
    expect((await store.get(second))?.status).toBe('pending');
    underWay[0]!.finish();
    await started(2);
    expect(isOver).toBe(false);
    underWay[1]!.finish();
    await run;
    expect((await store.get(second))?.status).toBe('complete');
    // And the next one does it again.
    const third = await submit(urls('c', 1));
    isOver = false;
    const next = worker.run().then(() => (isOver = true));
    await started(3);
    await new Promise((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
    underWay[2]!.finish();
    await next;
    expect((await store.get(third))?.status).toBe('complete');
  });

  it('starts no second image from within the question whether a first may start', async () => {
    const { relay, underWay, started } = manualRelay();
    const { gate, start } = setUp(relay, { concurrency: 1 });
    const tryEnter = gate.tryEnter.bind(gate);
    gate.tryEnter = (key) => {
      gate.open();
      return tryEnter(key);
    };
    await start(urls('a', 2));
    await started(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(underWay).toHaveLength(1);
  });

  it('joins a run that is under way', async () => {
    const { relay, underWay, started } = manualRelay();
    const { worker, submit } = setUp(relay);
    await submit(urls('a', 1));
    const runs = [worker.run(), worker.run()];
    await started(1);
    underWay[0]!.finish();
    await Promise.all(runs);
    expect(underWay).toHaveLength(1);
  });

  it('never has more under way than it may, in all and for one host', async () => {
    let now = 0;
    let most = 0;
    const perHost = new Map<string, number>();
    let mostPerHost = 0;
    const relay: Relay = async ({ url }) => {
      const { host } = new URL(url);
      most = Math.max(most, (now += 1));
      perHost.set(host, (perHost.get(host) ?? 0) + 1);
      mostPerHost = Math.max(mostPerHost, perHost.get(host)!);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      perHost.set(host, perHost.get(host)! - 1);
      return uploadedFrom(url);
    };
    const { worker, submit } = setUp(relay);
    const hosts = ['a', 'b', 'c'];
    for (const host of hosts) await submit(urls(host, 30));
    await worker.run();
    expect([most, mostPerHost]).toEqual([4, 2]);
  });

  it('takes a name with the dot of the root for the host that it is without', async () => {
    const { relay, underWay, started } = manualRelay();
    const { start } = setUp(relay, { concurrencyPerSource: 1 });
    await start(['http://a.example/1', 'http://a.example./2', 'http://b/3']);
    await started(2);
    expect(underWay.map(({ url }) => url)).toEqual(['http://a.example/1', 'http://b/3']);
    underWay[0]!.finish();
    await started(3);
  });

  it('lets a small job overtake a large one', async () => {
    const { relay, underWay, started } = manualRelay();
    const { worker, submit, images } = setUp(relay, { concurrency: 1, concurrencyPerSource: 1 });
    await submit(urls('a', 100));
    const small = await submit(urls('b', 1));
    void worker.run();
    for (let n = 1; (await images(small))[0]!.status !== 'complete'; n += 1) {
      await started(n);
      underWay[n - 1]!.finish();
      await new Promise((resolve) => setImmediate(resolve));
      expect(n).toBeLessThanOrEqual(2);
    }
  });

  it('tries again what may pass, up to the attempts, and logs each try', async () => {
    let tries = 0;
    const { lines, worker, submit, images } = setUp(() => {
      tries += 1;
      return failing('connection_failed', 'No connection.');
    });
    const id = await submit(['http://a/x.png?key=secret']);
    await worker.run();
    expect(tries).toBe(3);
    expect((await images(id))[0]).toMatchObject({
      status: 'failed',
      attempts: 3,
      error: { code: 'connection_failed', message: 'No connection.', retryable: true },
    });
    const failed = lines.filter(({ code }) => code === 'connection_failed');
    expect(failed.map(({ level, attempt }) => [level, attempt])).toEqual([
      ['info', 1],
      ['info', 2],
      ['warn', 3],
    ]);
    expect(failed[2]).toMatchObject({ jobId: id, url: 'http://a/x.png?key=***' });
    expect(typeof failed[2]!['durationMs']).toBe('number');
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  it('marks in the log what Imgur may have all the same, with its job and source', async () => {
    const error = new RelayError('imgur_timeout', 'Imgur took too long.', { maxAttempts: 2 });
    const { lines, worker, submit } = setUp(() =>
      Promise.resolve({ kind: 'failed', error, possibleDuplicate: true }),
    );
    const jobId = await submit(['http://a/x.png']);
    await worker.run();
    const marked = lines.filter(({ possibleDuplicate }) => possibleDuplicate === true);
    expect(marked.map(({ level }) => level)).toEqual(['info', 'warn']);
    expect(marked[1]).toMatchObject({ jobId, url: 'http://a/x.png', code: 'imgur_timeout' });
  });

  it('succeeds on a later try', async () => {
    let tries = 0;
    const { worker, submit, images } = setUp(({ url }) => {
      tries += 1;
      if (tries < 3) return failing('imgur_unavailable', 'Away.');
      return Promise.resolve(uploadedFrom(url));
    });
    const id = await submit(urls('a', 1));
    await worker.run();
    expect((await images(id))[0]).toMatchObject({ status: 'complete', attempts: 3, error: null });
  });

  it('turns what nobody foresaw into internal, with its stack in the log alone', async () => {
    const { lines, worker, submit, images } = setUp(() =>
      Promise.resolve({ kind: 'failed', error: relayErrorOf(new TypeError('oops')) }),
    );
    const id = await submit(urls('a', 1));
    await worker.run();
    const [image] = await images(id);
    expect(image?.error?.code).toBe('internal');
    expect(image?.error?.message).not.toContain('oops');
    const line = lines.find(({ code }) => code === 'internal');
    expect(line).toMatchObject({ level: 'error', error: { message: 'oops' } });
    expect(JSON.stringify(line)).toContain('worker.test');
  });

  it('ends although the queue takes no result, and says in the log which image is lost', async () => {
    const { worker, store, submit, lines } = setUp(({ url }) => Promise.resolve(uploadedFrom(url)));
    const next = store.next.bind(store);
    store.next = (...asked) => {
      const claim = next(...asked);
      if (claim && claim !== 'later') claim.settle = () => Promise.reject(new Error('away'));
      return claim;
    };
    const id = await submit(urls('a', 1));
    void worker.run();
    await new Promise((resolve) => setImmediate(resolve));
    expect(lines).toMatchObject([
      { level: 'error', jobId: id, error: { message: 'away' }, message: 'image state lost' },
    ]);
    await worker.drain(0);
  });

  describe('while the gate is shut', () => {
    it('keeps images pending, fails none, and goes on when it opens', async () => {
      const { relay, underWay, started } = manualRelay();
      const { gate, worker, submit, images } = setUp(relay);
      const id = await submit(urls('a', 3));
      const run = worker.run();
      await started(2);
      gate.state = 'wait';
      underWay[0]!.end({ kind: 'paused' });
      underWay[1]!.end({ kind: 'paused' });
      await new Promise((resolve) => setImmediate(resolve));
      expect((await images(id)).map(({ status, attempts }) => [status, attempts])).toEqual(
        Array(3).fill(['pending', 0]),
      );
      expect(gate.left).toEqual(['refused', 'refused']);
      gate.open();
      for (const n of [2, 3, 4]) {
        await started(n + 1);
        underWay[n]!.finish();
      }
      await run;
      expect((await images(id)).every(({ status }) => status === 'complete')).toBe(true);
    });

    it('finds what may start behind more than is looked at in one go', async () => {
      const { relay, underWay, started } = manualRelay();
      const { gate, start } = setUp(relay, { concurrencyPerSource: 1 });
      gate.state = 'wait';
      for (let n = 0; n < 1100; n += 1) await start(urls('full', 1));
      await start(urls('free', 1));
      await new Promise((resolve) => setImmediate(resolve));
      gate.open();
      await started(2);
      expect(underWay.map(({ url }) => new URL(url).host)).toEqual(['full', 'free']);
    });

    it('fails images at once where it would stay shut for too long', async () => {
      const { gate, worker, submit, images } = setUp(manualRelay().relay);
      gate.state = new RelayError('imgur_rate_limited', 'Not before tomorrow.');
      const id = await submit(urls('a', 20));
      await worker.run();
      const codes = (await images(id)).map(({ error, attempts }) => [error?.code, attempts]);
      expect(codes).toEqual(Array(20).fill(['imgur_rate_limited', 0]));
    });

    it('leaves the processor to others while it fails thousands', async () => {
      const { gate, worker, submit, images } = setUp(manualRelay().relay);
      gate.state = new RelayError('imgur_rate_limited', 'Not before tomorrow.');
      const id = await submit(urls('a', 3000));
      let turns = 0;
      const state = { isOver: false };
      void worker.run().finally(() => (state.isOver = true));
      while (!state.isOver) {
        turns += 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(turns).toBeGreaterThan(10);
      expect((await images(id)).every(({ status }) => status === 'failed')).toBe(true);
    });
  });

  describe('with a source that is silent', () => {
    it('starts another image meanwhile, and none too many when it speaks again', async () => {
      const { relay, underWay, started } = manualRelay();
      const { start } = setUp(relay, { concurrency: 1 });
      await start(['http://dead/1', 'http://a/1', 'http://a/2']);
      await started(1);
      const [dead] = underWay;
      dead!.progress.sourceIsSilent();
      await started(2);
      dead!.progress.sourceIsSilent();
      let mayUpload = false;
      void dead!.progress.beforeUpload()?.then(() => (mayUpload = true));
      await new Promise((resolve) => setImmediate(resolve));
      expect([underWay.length, mayUpload]).toEqual([2, false]);
      underWay[1]!.finish();
      await new Promise((resolve) => setImmediate(resolve));
      expect([underWay.length, mayUpload]).toEqual([2, true]);
      dead!.finish();
      await started(3);
    });

    it('lets one that waits for memory hold up nobody who may hold it', async () => {
      const { relay, underWay, started } = manualRelay();
      const { start } = setUp(relay, { concurrency: 1 });
      // Sixteen may be lent where one may be under way; who waits for memory lends beyond that.
      const hosts = Array.from({ length: 18 }, (_, n) => `http://host${n}/`);
      for (const host of hosts) await start([host]);
      for (let n = 0; n < 16; n += 1) {
        await started(n + 1);
        underWay[n]!.progress.waitsForMemory();
      }
      await started(17);
      const goesOn = underWay[0]!.progress.beforeUpload();
      expect(goesOn).not.toBeNull();
      underWay[16]!.progress.waitsForMemory();
      await goesOn;
      // But none starts for it.
      expect(underWay).toHaveLength(17);
    });

    it('lets it go on at once where it held its place all the time', async () => {
      const { relay, underWay, started } = manualRelay();
      const { start } = setUp(relay);
      await start(urls('a', 1));
      await started(1);
      expect(underWay[0]!.progress.beforeUpload()).toBeNull();
    });

    it('counts one that falls silent in mid-upload again once it sends', async () => {
      const { relay, underWay, started } = manualRelay();
      const { start } = setUp(relay, { concurrency: 1 });
      await start(['http://a/1', 'http://b/1', 'http://c/1', 'http://d/1']);
      await started(1);
      const { progress } = underWay[0]!;
      expect(progress.beforeUpload()).toBeNull();
      progress.sourceIsSilent();
      await started(2);
      progress.sourceSends();
      underWay[1]!.finish();
      await new Promise((resolve) => setImmediate(resolve));
      expect(underWay).toHaveLength(2);
      underWay[0]!.finish();
      await started(3);
    });

    it('keeps the place of one that sends again before its upload, until that begins', async () => {
      const { relay, underWay, started } = manualRelay();
      const { gate, start } = setUp(relay, { concurrency: 1 });
      await start(['http://a/1', 'http://b/1', 'http://c/1']);
      await started(1);
      const { progress } = underWay[0]!;
      progress.sourceIsSilent();
      await started(2);
      progress.sourceSends();
      underWay[1]!.finish();
      // Had it taken its place back, the third could not start.
      await started(3);
      underWay[2]!.finish();
      await new Promise((resolve) => setImmediate(resolve));
      await progress.beforeUpload();
      progress.sourceIsSilent();
      underWay[0]!.finish();
      await new Promise((resolve) => setImmediate(resolve));
      // Each place at the gate is left once.
      expect(gate.left).toEqual(['other', 'success', 'success', 'success']);
    });

    it('gives no place back to an image that has ended meanwhile', async () => {
      const { relay, underWay, started } = manualRelay();
      const { gate, worker, submit, start, cancel } = setUp(relay, { concurrency: 1 });
      const id = await submit(['http://a/1']);
      void worker.run();
      await started(1);
      underWay[0]!.progress.sourceIsSilent();
      await start(['http://b/1', 'http://c/1']);
      await started(2);
      let isThere = false;
      void underWay[0]!.progress.beforeUpload()?.then(() => (isThere = true));
      await cancel(id);
      underWay[1]!.finish();
      await started(3);
      expect(isThere).toBe(false);
      expect(gate.left).toEqual(['other', 'success']);
    });

    it('starts no more of a job that has lent many when hardly more can be lent', async () => {
      const { relay, underWay, started } = manualRelay();
      const { start } = setUp(relay, { concurrency: 1, concurrencyPerSource: 1 });
      // With one at a time, a job may have three under way, and sixteen may be lent in all.
      for (let job = 0; job < 6; job += 1) {
        const names = Array.from({ length: 4 }, (_, n) => `http://dead${job}-${n}/`);
        await start(names);
      }
      for (let n = 0; n < 15; n += 1) {
        await started(n + 1);
        underWay[n]!.progress.sourceIsSilent();
      }
      await new Promise((resolve) => setImmediate(resolve));
      const before = underWay.length;
      await start(['http://alive/']);
      await started(before + 1);
      expect(underWay.at(-1)!.url).toBe('http://alive/');
    });

    it('lets no job have more under way than its share, so that others have theirs', async () => {
      const { relay, underWay, started } = manualRelay();
      const { start } = setUp(relay, { concurrency: 2 });
      const dead = Array.from({ length: 50 }, (_, n) => `http://dead${n}/`);
      await start(dead);
      for (let n = 0; n < 6; n += 1) {
        await started(n + 1);
        underWay[n]!.progress.sourceIsSilent();
      }
      await new Promise((resolve) => setImmediate(resolve));
      expect(underWay).toHaveLength(6);
      await start(urls('a', 1));
      await started(7);
      expect(underWay[6]!.url).toBe('http://a/0.png');
    });

    it('gives its place at the gate to another, and goes back if the gate shut meanwhile', async () => {
      const { relay, underWay, started } = manualRelay();
      const { gate, worker, submit, images } = setUp(relay);
      const id = await submit(['http://dead/1']);
      const run = worker.run();
      await started(1);
      underWay[0]!.progress.sourceIsSilent();
      expect(gate.left).toEqual(['other']);
      gate.state = 'wait';
      underWay[0]!.end((await underWay[0]!.progress.beforeUpload())!);
      await new Promise((resolve) => setImmediate(resolve));
      expect(await images(id)).toMatchObject([{ status: 'pending', attempts: 0, error: null }]);
      expect(gate.left).toEqual(['other']);
      gate.open();
      await started(2);
      underWay[1]!.finish();
      await run;
      expect(await images(id)).toMatchObject([{ status: 'complete', attempts: 1 }]);
    });
  });

  it('starts what has room once an image turns out to lead elsewhere', async () => {
    const { relay, underWay, started } = manualRelay();
    const { start } = setUp(relay, { concurrency: 20 });
    await start(Array.from({ length: 9 }, (_, n) => `http://name${n}/`));
    await started(9);
    for (const { progress } of underWay.slice(0, 8)) progress.leadsTo('192.0.2.1', 80);
    expect(underWay[8]!.progress.leadsTo('192.0.2.1', 80)).toBe(false);
    underWay[8]!.end({ kind: 'put_back' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(underWay).toHaveLength(9);
    underWay[0]!.progress.leadsTo('192.0.2.2', 80);
    await started(10);
    expect(underWay[9]!.url).toBe('http://name8/');
  });

  it('puts an image back whose source leads where too much is under way', async () => {
    const { relay, underWay, started } = manualRelay();
    const { worker, submit, images } = setUp(relay, { concurrency: 10 });
    const names = Array.from({ length: 9 }, (_, n) => `http://name${n}/`);
    const id = await submit(names);
    const run = worker.run();
    await started(9);
    const refusals = underWay.map(({ progress }) => progress.leadsTo('192.0.2.1', 80));
    expect(refusals).toEqual([...Array<boolean>(8).fill(true), false]);
    underWay[8]!.end({ kind: 'put_back' });
    await new Promise((resolve) => setImmediate(resolve));
    expect((await images(id))[8]).toMatchObject({ status: 'pending', attempts: 0 });
    expect(underWay).toHaveLength(9);
    underWay[0]!.finish();
    await started(10);
    expect(underWay[9]!.url).toBe(names[8]);
    for (const { finish } of underWay.slice(1)) finish();
    await run;
    expect((await images(id)).map(({ attempts }) => attempts)).toEqual(Array(9).fill(1));
  });

  describe('cancel', () => {
    it('starts nothing of a job that was not started', async () => {
      const { relay, underWay } = manualRelay();
      const { worker, submit, images, cancel } = setUp(relay);
      const id = await submit(urls('a', 3));
      await cancel(id);
      await worker.run();
      expect((await images(id)).map(({ error, attempts }) => [error?.code, attempts])).toEqual(
        Array(3).fill(['cancelled', 0]),
      );
      expect(underWay).toHaveLength(0);
    });

    it('aborts what is under way, starts nothing more and keeps what is complete', async () => {
      const { relay, underWay, started } = manualRelay();
      const { worker, submit, images, cancel } = setUp(relay);
      const id = await submit(urls('a', 4));
      const run = worker.run();
      await started(2);
      underWay[0]!.finish();
      await started(3);
      await cancel(id);
      // All of it has ended by then, as the answer to who cancelled tells.
      const states = (await images(id)).map(({ status, error }) => error?.code ?? status);
      expect(states).toEqual(['complete', 'cancelled', 'cancelled', 'cancelled']);
      await run;
      expect(underWay[1]!.cancellation.reason).toMatchObject({ code: 'cancelled' });
    });

    it('ends a job that waits for another attempt', async () => {
      let tried = (): void => undefined;
      const once = new Promise<void>((resolve) => (tried = resolve));
      const { worker, submit, images, cancel } = setUp(
        () => {
          tried();
          return failing('connection_failed', 'No connection.');
        },
        { retryDelayMs: 1_000_000 },
      );
      const id = await submit(urls('a', 1));
      const run = worker.run();
      await once;
      await cancel(id);
      await run;
      expect((await images(id))[0]?.error?.code).toBe('cancelled');
    });

    it('is over when what was under way has ended', async () => {
      const slowToEnd: Relay = (_image, cancellation) =>
        new Promise((resolve) => {
          cancellation.onCancel((reason) => {
            setImmediate(() => resolve({ kind: 'failed', error: relayErrorOf(reason) }));
          });
        });
      const { worker, submit, images, cancel } = setUp(slowToEnd);
      const id = await submit(urls('a', 1));
      void worker.run();
      await new Promise((resolve) => setImmediate(resolve));
      await cancel(id);
      expect((await images(id))[0]?.error?.code).toBe('cancelled');
    });

    it('ends the wait for another attempt as well, and makes none later', async () => {
      jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
      try {
        const { relay, underWay, started } = manualRelay();
        const { worker, submit, images, cancel } = setUp(relay, { retryDelayMs: 1000 });
        const id = await submit(urls('a', 1));
        const run = worker.run();
        await started(1);
        underWay[0]!.fail(new RelayError('connection_failed', 'No connection.'));
        await new Promise((resolve) => setImmediate(resolve));
        expect([(await images(id))[0]?.status, jest.getTimerCount()]).toEqual(['pending', 1]);
        await cancel(id);
        await run;
        const [image] = await images(id);
        expect([image?.error?.code, image?.attempts]).toEqual(['cancelled', 1]);
        expect([underWay.length, jest.getTimerCount()]).toEqual([1, 0]);
      } finally {
        jest.useRealTimers();
      }
    });

    it('leaves the link in the log of an image that Imgur took all the same', async () => {
      const { relay, underWay, started } = manualRelay();
      const { start, cancel, images, lines } = setUp((image, _cancellation, progress) =>
        relay(image, new Cancellation(), progress),
      );
      const id = await start(urls('a', 1));
      await started(1);
      await cancel(id);
      expect((await images(id))[0]?.error?.code).toBe('cancelled');
      underWay[0]!.finish({ link: 'https://i.imgur.com/late.png' });
      await new Promise((resolve) => setImmediate(resolve));
      expect(lines.at(-1)).toMatchObject({ level: 'warn', link: 'https://i.imgur.com/late.png' });
      expect((await images(id))[0]).toMatchObject({ status: 'failed', link: null });
    });

    it('leaves other jobs alone', async () => {
      const { relay, underWay, started } = manualRelay();
      const { worker, submit, images, cancel } = setUp(relay);
      const [one, other] = [await submit(urls('a', 1)), await submit(urls('b', 1))];
      const run = worker.run();
      void worker.run();
      await started(2);
      await cancel(one);
      underWay.find(({ url }) => url.includes('//b/'))!.finish();
      await run;
      expect((await images(other))[0]?.status).toBe('complete');
    });
  });

  describe('drain', () => {
    it('lets what is under way finish and fails the rest one by one as shutdown', async () => {
      const { relay, underWay, started } = manualRelay();
      const { lines, worker, submit, images } = setUp(relay);
      const id = await submit(urls('a', 5));
      const run = worker.run();
      await started(2);
      const drained = worker.drain(60_000);
      await new Promise((resolve) => setImmediate(resolve));
      underWay.forEach(({ finish }) => finish());
      await drained;
      await run;
      const states = (await images(id)).map(({ status, error }) => error?.code ?? status);
      expect(states).toEqual(['complete', 'complete', 'shutdown', 'shutdown', 'shutdown']);
      const logged = lines.filter(({ code }) => code === 'shutdown').map(({ url }) => url);
      expect(logged).toEqual(urls('a', 5).slice(2));
    });

    it('aborts what is still under way when the time is up', async () => {
      const { relay, underWay, started } = manualRelay();
      const { worker, submit, images } = setUp(relay);
      const id = await submit(urls('a', 1));
      void worker.run();
      await started(1);
      await worker.drain(0);
      expect(underWay[0]!.cancellation.reason).toMatchObject({ code: 'shutdown' });
      expect((await images(id))[0]?.error?.code).toBe('shutdown');
    });

    it('ends although an image does not, and fails that as well', async () => {
      jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
      try {
        // Others of its job have ended before.
        const { relay, underWay, started } = manualRelay();
        const deaf: Relay = (image, cancellation, progress) =>
          image.url.endsWith('/2.png')
            ? new Promise(() => undefined)
            : relay(image, cancellation, progress);
        const { lines, worker, submit, images } = setUp(deaf, { concurrencyPerSource: 3 });
        const id = await submit(urls('a', 3));
        void worker.run();
        await started(2);
        underWay[0]!.finish();
        underWay[1]!.fail(new RelayError('empty', 'No bytes.'));
        await new Promise((resolve) => setImmediate(resolve));
        let isOver = false;
        const drained = worker.drain(5000).then(() => (isOver = true));
        await jest.advanceTimersByTimeAsync(6999);
        expect(isOver).toBe(false);
        await jest.advanceTimersByTimeAsync(1);
        await drained;
        const states = (await images(id)).map(({ status, error }) => error?.code ?? status);
        expect(states).toEqual(['complete', 'empty', 'shutdown']);
        expect(lines.filter(({ code }) => code === 'shutdown')).toHaveLength(1);
      } finally {
        jest.useRealTimers();
      }
    });

    it('leaves the processor to others while it fails thousands of images', async () => {
      const { relay } = manualRelay();
      const { worker, start } = setUp(relay);
      await start(urls('a', 3000));
      let turns = 0;
      let timer: NodeJS.Immediate | null = null;
      const count = (): void => {
        turns += 1;
        timer = setImmediate(count);
      };
      count();
      await worker.drain(0);
      clearImmediate(timer!);
      expect(turns).toBeGreaterThan(10);
    });

    it('waits for nothing any more once all has ended', async () => {
      const { worker } = setUp(manualRelay().relay);
      jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
      try {
        await worker.drain(5000);
        expect(jest.getTimerCount()).toBe(0);
      } finally {
        jest.useRealTimers();
      }
    });

    it('starts no job that comes too late', async () => {
      const { relay, underWay } = manualRelay();
      const { worker, submit, images } = setUp(relay);
      const id = await submit(urls('a', 2));
      await Promise.all([worker.drain(0), worker.run()]);
      expect((await images(id)).map(({ error }) => error?.code)).toEqual(['shutdown', 'shutdown']);
      await expect(submit(urls('b', 1))).rejects.toMatchObject({ why: 'stopping' });
      expect(underWay).toHaveLength(0);
    });
  });
});

describe('an upload that Imgur took', () => {
  it.each([
    [true, ['http://a/x.png 1NV90wWpO691n05']],
    [false, []],
  ])('is undone if its job was cancelled: %s', async (isCancelled, expected) => {
    const undone: string[] = [];
    let finish: (outcome: Outcome) => void = () => undefined;
    const relay: Relay = () => new Promise((resolve) => (finish = resolve));
    const undo: WorkerParts['undo'] = ({ url }, { deletehash }) => {
      undone.push(`${url} ${deletehash}`);
      return Promise.resolve();
    };
    const { worker, start, cancel } = setUp(relay, {}, { undo });
    const id = await start(['http://a/x.png']);
    if (isCancelled) await cancel(id);
    finish({ ...uploadedFrom('x'), deletehash: '1NV90wWpO691n05' });
    await worker.drain(1000);
    expect(undone).toEqual(expected);
  });
});
