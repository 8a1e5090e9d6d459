import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import type { OpenSource } from '../../lib/images/download';
import { MemoryBudget } from '../../lib/images/memory-budget';
import { createRelay } from '../../lib/images/relay';
import { createJobLog } from '../../lib/jobs/job-log';
import { MemoryJobs } from '../../lib/jobs/memory-jobs';
import type { Outcome, UploadGate } from '../../lib/jobs/relay';
import { createWorker } from '../../lib/jobs/worker';
import { awaitUntil } from '../support/await-until';
import { logLines } from '../support/log-lines';

jest.setTimeout(20_000);

const BUDGET = 300_000;
const LIMITS = {
  concurrency: 2,
  concurrencyPerSource: 2,
  attempts: 1,
  retryDelayMs: 0,
  maxImageBytes: 10_000_000,
  stallTimeoutMs: 60_000,
  downloadTimeoutMs: 60_000,
  uploadTimeoutMs: 60_000,
};
const HEAD = Buffer.from('ffd8ffda0002', 'hex');
const END = Buffer.from('ffd9', 'hex');
const filling = (bytes: number): Buffer => Buffer.alloc(bytes, 0x55);
/** So much that the picture waits for memory, and a little more, which shows that it does. */
function fill(body: PassThrough): void {
  body.write(filling(300_000));
  body.write(filling(100_000));
}
const openGate: UploadGate = {
  tryEnter: () => 'enter',
  leave: () => undefined,
  onOpen: () => undefined,
};

/** Jobs of one image each, whose sources announce no length and send what the test says. */
function service() {
  const sources = new Map<string, PassThrough>();
  const openSource: OpenSource = (url, cancellation) => {
    const body = new PassThrough();
    cancellation.onCancel((reason) => body.destroy(reason));
    body.write(Buffer.concat([HEAD, filling(100)]));
    sources.set(url.hostname, body);
    return Promise.resolve({ body: body as unknown as IncomingMessage, announcedBytes: null, url });
  };
  const uploaded: string[] = [];
  const jobs = new MemoryJobs({
    ...{ maxQueuedImages: 99, maxFinishedImages: 99, maxLinks: 99 },
    ...LIMITS,
    credentialOf: () => 'default',
  });
  const { log } = logLines();
  const relay = createRelay({
    ...LIMITS,
    budget: new MemoryBudget(BUDGET),
    openSource,
    async upload({ body, filename }) {
      body.resume();
      await once(body, 'end');
      uploaded.push(filename);
      return { kind: 'uploaded', link: `https://i.imgur.com/${filename}` };
    },
    persist: (attempt) => attempt() as Promise<Outcome>,
  });
  const jobLog = createJobLog(log);
  const worker = createWorker({ queue: jobs, relay, gate: openGate, log, jobLog, limits: LIMITS });
  const submit = async (name: string): Promise<string> => {
    const { jobId } = await jobs.create({ urls: [`http://${name}.example/`], clientId: null });
    void worker.run();
    return jobId;
  };
  return {
    submit,
    source: (name: string) =>
      awaitUntil(`${name} to be opened`, () => sources.get(`${name}.example`)),
    image: async (id: string) => (await jobs.get(id))!.images[0]!,
    jobs,
    worker,
  };
}

describe('when pictures of unknown length fill the memory that they share', () => {
  it('one that was silent gets its place back from those that wait for its memory', async () => {
    const { submit, source, image } = service();
    const ids = [await submit('first'), await submit('second')];
    const [first, second] = [await source('first'), await source('second')];
    // The first one is silent for so long that the third may start, and the second one is not.
    const trickle = setInterval(() => second.write(filling(3000)), 100);
    ids.push(await submit('third'));
    const third = await source('third');
    clearInterval(trickle);
    first.write(filling(150_000));
    fill(second);
    fill(third);
    await awaitUntil('both others to wait', () => second.isPaused() && third.isPaused());
    for (const body of [first, second, third]) body.end(END);
    const statuses = (): Promise<string[]> =>
      Promise.all(ids.map(async (id) => (await image(id)).status));
    await awaitUntil('all of them', async () => !(await statuses()).includes('in-progress'));
    expect(await statuses()).toEqual(['complete', 'complete', 'complete']);
  });

  it('one that hardly sends anything any more makes room for the others', async () => {
    const { submit, source, image } = service();
    const slow = await submit('slow');
    fill(await source('slow'));
    const other = await submit('other');
    const otherSource = await source('other');
    fill(otherSource);
    await awaitUntil('the other to wait', () => otherSource.isPaused());
    await awaitUntil('the slow one to give way', async () => (await image(slow)).error);
    expect((await image(slow)).error).toMatchObject({ code: 'download_timeout', retryable: true });
    expect((await image(slow)).error?.message).toContain('memory');
    otherSource.end(END);
    await awaitUntil('the other', async () => (await image(other)).status === 'complete');
  });

  it('one that waits is ended at once by a cancel', async () => {
    const { submit, source, image, jobs, worker } = service();
    await submit('large');
    fill(await source('large'));
    const waiting = await submit('waiting');
    const waitingSource = await source('waiting');
    fill(waitingSource);
    await awaitUntil('it to wait', () => waitingSource.isPaused());
    await jobs.cancel(waiting);
    expect((await image(waiting)).error?.code).toBe('cancelled');
    await worker.drain(0);
  });
});
