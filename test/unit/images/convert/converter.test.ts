import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Cancellation } from '../../../../lib/cancellation';
import {
  createConverter,
  MISSING,
  type Converter,
  type ConverterParts,
  type ConvertOutcome,
} from '../../../../lib/images/convert/converter';
import { awaitUntil } from '../../../support/await-until';
import { logLines } from '../../../support/log-lines';

// Whoever converts gives way to others.
jest.setTimeout(120_000);

const PROGRAM = path.join(__dirname, '../../../fixtures/convert/child.cjs');

let folder: string;
let converter: Converter;
let ended: ConvertOutcome[];
let lines: ReturnType<typeof logLines>['lines'];

type Options = Partial<Pick<ConverterParts, 'concurrency' | 'timeoutMs' | 'observer'>>;

function create(options: Options = {}): void {
  const logged = logLines();
  lines = logged.lines;
  ended = [];
  converter = createConverter({
    program: PROGRAM,
    concurrency: 1,
    maxBytes: 1000,
    maxPixels: 1_000_000,
    timeoutMs: 100_000,
    log: logged.log,
    observer: { conversionEnded: (outcome) => ended.push(outcome) },
    ...options,
  });
}

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'convert-'));
  create();
});

afterEach(async () => {
  jest.useRealTimers();
  await converter.close();
  fs.rmSync(folder, { recursive: true });
});

const file = (): string => path.join(folder, 'children');
/** The process of each picture that reached one, in order, and its environment. */
const seen = (): { pid: number; env: Record<string, string> }[] =>
  fs.existsSync(file())
    ? fs
        .readFileSync(file(), 'utf8')
        .split('\n')
        // Behind the last line's end stands nothing, or a line that is being written.
        .slice(0, -1)
        .map((line) => {
          const [pid = '', env = ''] = line.split(/ (.*)/);
          return { pid: Number(pid), env: JSON.parse(env) as Record<string, string> };
        })
    : [];

function convert(order: string, cancellation = new Cancellation()) {
  const bytes = Buffer.from(`${order} ${file()}`);
  return converter.convert({ chunks: [bytes], bytes: bytes.length }, cancellation);
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const begun = (count: number) =>
  awaitUntil('a child to be at work', () => seen().length === count, 10_000);

describe('a converter', () => {
  it('takes one child for one picture after the other, and hands it nothing of ours', async () => {
    process.env.IMGUR_CLIENT_SECRET = 's3cret';
    const first = await convert('gif');
    first.release();
    (await convert('gif')).release();
    delete process.env.IMGUR_CLIENT_SECRET;
    expect(first).toMatchObject({ type: { mime: 'image/gif', extension: 'gif' }, bytes: 40 });
    const [one, two] = seen();
    expect(one?.pid).toBe(two?.pid);
    expect(JSON.stringify(seen())).not.toContain('s3cret');
    expect(ended).toEqual(['converted', 'converted']);
  });

  it('lets the service go before, but not so far that it waits for all else', async () => {
    (await convert('gif')).release();
    expect(os.getPriority(seen()[0]!.pid)).toBe(Math.min(19, os.getPriority() + 10));
  });

  it('replaces a child that has converted 50', async () => {
    for (let n = 0; n < 51; n += 1) (await convert('gif')).release();
    const pids = seen().map(({ pid }) => pid);
    expect(new Set(pids.slice(0, 50)).size).toBe(1);
    expect(pids[50]).not.toBe(pids[0]);
  });

  it('ends a child at the deadline, and converts the next picture by another', async () => {
    create({ timeoutMs: 5000 });
    // A busy machine takes any time to start a child, and none of it passes.
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    const late = convert('hang').catch((error: unknown) => error);
    await begun(1);
    jest.advanceTimersByTime(4999);
    // A process that was killed is there until it is taken note of; its timer tells at once.
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(1);
    expect(await late).toMatchObject({
      code: 'conversion_failed',
      message: 'To convert the picture took more than 5 s.',
    });
    await awaitUntil('the child to be gone', () => !isThere(seen()[0]!.pid), 10_000);
    (await convert('gif')).release();
    expect(new Set(seen().map(({ pid }) => pid)).size).toBe(2);
  });

  it('tries once more where the child was killed by another, and no more than that', async () => {
    await expect(convert('die')).rejects.toMatchObject({ code: 'conversion_failed' });
    expect(new Set(seen().map(({ pid }) => pid)).size).toBe(2);
    (await convert('gif')).release();
    expect(ended).toEqual(['failed', 'converted']);
  });

  it.each(['exit', 'babble', 'text'])('does not try again after %s', async (order) => {
    await expect(convert(order)).rejects.toMatchObject({ code: 'conversion_failed' });
    expect(seen()).toHaveLength(1);
    (await convert('gif')).release();
  });

  it('ends a conversion at once where that is cancelled, and leaves no child behind', async () => {
    const cancellation = new Cancellation();
    const reason = new Error('enough');
    const converted = convert('hang', cancellation);
    await begun(1);
    cancellation.cancel(reason);
    await expect(converted).rejects.toBe(reason);
    await awaitUntil('the child to be gone', () => !isThere(seen()[0]!.pid), 10_000);
    expect(ended).toEqual(['cancelled']);
    (await convert('gif')).release();
  });

  it('lets a picture that waits for its turn go where it is cancelled', async () => {
    const first = new Cancellation();
    const reason = new Error('enough');
    const converted = convert('hang', first);
    await begun(1);
    const second = new Cancellation();
    const waiting = convert('gif', second);
    second.cancel(reason);
    await expect(waiting).rejects.toBe(reason);
    first.cancel(reason);
    await expect(converted).rejects.toBe(reason);
    (await convert('gif')).release();
    expect(seen()).toHaveLength(2);
  });

  it('is held up by no picture that is cancelled in the moment in which its turn comes', async () => {
    const second = new Cancellation();
    const cancelSoon = (): void => queueMicrotask(() => second.cancel(new Error('enough')));
    create({ observer: { conversionEnded: cancelSoon } });
    const first = convert('gif');
    await expect(convert('gif', second)).rejects.toThrow('enough');
    (await first).release();
    (await convert('gif')).release();
    expect(seen()).toHaveLength(2);
  });

  it('leaves no child behind once it is closed', async () => {
    const converted = convert('hang');
    await begun(1);
    await Promise.all([
      expect(converted).rejects.toMatchObject({ code: 'conversion_failed' }),
      converter.close(),
    ]);
    expect(isThere(seen()[0]!.pid)).toBe(false);
  });

  it('is off from then on where sharp does not load, and says so once', async () => {
    create({ concurrency: 2 });
    expect(converter.maxPixels).toBe(1_000_000);
    const both = await Promise.allSettled([convert('missing'), convert('missing')]);
    for (const each of both) {
      expect(each).toMatchObject({ status: 'rejected', reason: { code: 'unsupported_image' } });
    }
    expect(converter.maxPixels).toBeNull();
    expect(lines.filter(({ message }) => message === MISSING)).toHaveLength(1);
  });
});
