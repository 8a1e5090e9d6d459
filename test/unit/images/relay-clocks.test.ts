import type { IncomingMessage } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { Cancellation } from '../../../lib/cancellation';
import { MemoryBudget } from '../../../lib/images/memory-budget';
import { createRelay } from '../../../lib/images/relay';
import type { UploadOutcome } from '../../../lib/imgur/outcome';
import type { Outcome, RelayProgress } from '../../../lib/jobs/relay';
import { picture } from '../../support/pictures';

const PNG = picture('rgb8.png');
const LIMITS = { stallTimeoutMs: 500, downloadTimeoutMs: 1000, uploadTimeoutMs: 1000 };
const IDLE: RelayProgress = {
  leadsTo: () => true,
  sourceIsSilent: () => undefined,
  waitsForMemory: () => undefined,
  sourceIsDone: () => undefined,
  sourceSends: () => undefined,
  beforeUpload: () => null,
};

/** A transfer between a source and an Imgur that both do what the test says. */
function startTransfer() {
  const source = new PassThrough();
  const taken: { body?: Readable; complete?: (outcome: UploadOutcome) => void } = {};
  const ends: unknown[][] = [];
  const relay = createRelay({
    ...LIMITS,
    openSource: (url, cancellation) => {
      cancellation.onCancel((reason) => source.destroy(reason));
      const body = source as unknown as IncomingMessage;
      return Promise.resolve({ body, announcedBytes: PNG.length, url });
    },
    budget: new MemoryBudget(1_000_000),
    maxImageBytes: 1_000_000,
    upload: ({ body, cancellation }) =>
      new Promise((complete, reject) => {
        cancellation.onCancel(reject);
        taken.body = body;
        taken.complete = complete;
      }),
    persist: (attempt) => attempt() as Promise<Outcome>,
    observer: { bytesRead: () => undefined, transferEnded: (...end) => ends.push(end) },
  });
  const image = { url: 'http://a.example/', clientId: null };
  const ended: { error?: unknown } = {};
  const over = relay(image, new Cancellation(), IDLE).then((outcome) => {
    if (outcome.kind === 'failed') ended.error = outcome.error;
  });
  return { source, taken, ends, ended, over };
}

/** Lets so many milliseconds pass, and all that happens at their beginning and end. */
async function pass(ms: number): Promise<void> {
  await turn();
  await jest.advanceTimersByTimeAsync(ms);
  await turn();
}

/** More than a picture's first bytes, and less than the whole. */
const BEGINNING = PNG.subarray(0, 500);
const REST = PNG.subarray(500);

describe('the clocks of a transfer', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  });
  afterEach(() => jest.useRealTimers());

  it('count for each side the time in which the other one waits for it, and no other', async () => {
    const { source, taken, ends, over } = startTransfer();
    source.write(BEGINNING);
    await pass(100); // Imgur reads nothing yet.
    taken.body?.resume();
    await pass(100); // It has taken all that there is.
    taken.body?.pause();
    await pass(600); // It takes no more.
    taken.body?.resume();
    await pass(400); // The source says nothing.
    source.end(REST);
    await pass(300); // Imgur does not answer.
    taken.complete?.({ kind: 'uploaded', link: 'https://i.imgur.com/a.png' });
    await over;
    expect(ends).toEqual([['complete', 200 + 400, 600 + 300]]);
  });

  it('begin that of Imgur with the upload where all of the picture is there already', async () => {
    const { source, ends, ended } = startTransfer();
    source.end(PNG);
    await pass(LIMITS.uploadTimeoutMs);
    expect(ended.error).toMatchObject({ code: 'imgur_timeout' });
    expect(ends).toEqual([['failed', 0, LIMITS.uploadTimeoutMs]]);
  });

  it('end what Imgur takes too long over, although its source could go on', async () => {
    const { source, taken, ended } = startTransfer();
    source.write(BEGINNING);
    await pass(0);
    taken.body?.resume();
    await pass(0);
    taken.body?.pause();
    await pass(LIMITS.uploadTimeoutMs);
    expect(ended.error).toMatchObject({ code: 'imgur_timeout' });
  });

  it('end what its source stops to send, once Imgur takes more again', async () => {
    const { source, taken, ended } = startTransfer();
    source.write(BEGINNING);
    await pass(0);
    taken.body?.resume();
    await pass(0);
    taken.body?.pause();
    await pass(LIMITS.stallTimeoutMs + 100);
    taken.body?.resume();
    await pass(LIMITS.stallTimeoutMs);
    expect(ended.error).toMatchObject({ code: 'download_timeout' });
  });
});
