import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { createLogOutput, type LogOutput } from '../../lib/log-output';
import { awaitUntil } from '../support/await-until';

const { O_RDONLY, O_WRONLY, O_NONBLOCK } = fs.constants;
const line = (n: number): string => `{"n":${n},"message":"${'x'.repeat(80)}"}\n`;
const linesTo = (last: number): string => Array.from({ length: last }, (_, n) => line(n)).join('');

describe('the output of the log, to a pipe', () => {
  let folder: string;
  let reader: number;
  let writer: number;
  let output: LogOutput;
  let lost: number[];

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'image-relay-'));
    const fifo = path.join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    reader = fs.openSync(fifo, O_RDONLY | O_NONBLOCK);
    writer = fs.openSync(fifo, O_WRONLY | O_NONBLOCK);
    lost = [];
    output = createLogOutput(writer, (lines) => lost.push(lines));
  });
  afterEach(() => {
    if (writer >= 0) fs.closeSync(writer);
    if (reader >= 0) fs.closeSync(reader);
    fs.rmSync(folder, { recursive: true });
  });

  /** What is in the pipe. */
  function read(): string {
    const buffer = Buffer.alloc(65_536);
    try {
      return buffer.toString('utf8', 0, fs.readSync(reader, buffer));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return '';
      throw error;
    }
  }
  function closeReader(): void {
    fs.closeSync(reader);
    reader = -1;
  }

  it('writes the lines of one turn of the event loop at its end', async () => {
    output.write(line(0));
    output.write(line(1));
    expect(read()).toBe('');
    await turn();
    expect(read()).toBe(linesTo(2));
    output.write(line(2));
    await turn();
    expect(read()).toBe(line(2));
  });

  it('writes what waits when it is flushed, and nothing of it twice', async () => {
    output.write(line(0));
    output.flushSync();
    expect(read()).toBe(line(0));
    await turn();
    output.flushSync();
    expect(read()).toBe('');
  });

  it('keeps for a slow reader what does not fit, in order, and waits for none', async () => {
    const last = 20_000; // 2 MB, of which a pipe holds 64 kB
    const startedAt = performance.now();
    for (let n = 0; n < last; n += 1) output.write(line(n));
    expect(performance.now() - startedAt).toBeLessThan(500);

    let all = '';
    await awaitUntil('all lines', () => {
      all += read();
      return all.length >= linesTo(last).length;
    });
    expect(all === linesTo(last)).toBe(true);
    expect(lost).toEqual([]);
  });

  it('waits at the end for a reader that takes nothing, but only for a second', () => {
    const last = 2000;
    for (let n = 0; n < last; n += 1) output.write(line(n));
    const startedAt = performance.now();
    output.flushSync();
    const ms = performance.now() - startedAt;
    expect(ms).toBeGreaterThan(900);
    expect(ms).toBeLessThan(3000);
    expect(linesTo(last).startsWith(read())).toBe(true);
  });

  it('gives all to a reader that is slow at the end, however long it takes', async () => {
    const slow = 'exec <fifo >all; for n in 1 2 3 4 5 6 7; do sleep 0.25; head -c 65536; done; cat';
    const child = spawn('sh', ['-c', slow], { cwd: folder, stdio: 'inherit' });
    const ended = once(child, 'close');
    const last = 5000; // 500 kB
    for (let n = 0; n < last; n += 1) output.write(line(n));
    const startedAt = performance.now();
    output.flushSync();
    expect(performance.now() - startedAt).toBeGreaterThan(1200);
    fs.closeSync(writer);
    writer = -1;
    await ended;
    expect(fs.readFileSync(path.join(folder, 'all'), 'utf8') === linesTo(last)).toBe(true);
  });

  it('drops what has no reader, and neither throws nor waits for one', async () => {
    closeReader();
    for (let n = 0; n < 5000; n += 1) output.write(line(n));
    await turn();
    output.write(line(1));
    const startedAt = performance.now();
    output.flushSync();
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(lost).toEqual([]);
  });

  it('tells how many lines were lost once there is a reader again', async () => {
    closeReader();
    for (let n = 0; n < 5; n += 1) output.write(line(n));
    await turn();
    reader = fs.openSync(path.join(folder, 'fifo'), O_RDONLY | O_NONBLOCK);
    output.write(line(5));
    await turn();
    expect([read(), lost]).toEqual([line(5), [5]]);
  });

  it('begins a new line after one whose end was lost with its reader', async () => {
    for (let n = 0; n < 2000; n += 1) output.write(line(n));
    await turn();
    const first = read();
    expect(first).not.toMatch(/\n$/);
    closeReader();
    output.flushSync();
    reader = fs.openSync(path.join(folder, 'fifo'), O_RDONLY | O_NONBLOCK);
    output.write(line(2000));
    output.flushSync();
    expect(read()).toBe(`\n${line(2000)}`);
    expect(lost).toEqual([2000 - first.split('\n').length + 1]);
  });

  describe('with more than the 64 MiB that it keeps', () => {
    const long = `${'x'.repeat(1_048_575)}\n`;

    it('waits once for a reader that takes nothing, and then drops what comes on top', async () => {
      // Twice: a reader that took all of it is waited for again.
      for (const times of [1, 2]) {
        const startedAt = performance.now();
        for (let n = 0; n < 90; n += 1) output.write(long);
        const ms = performance.now() - startedAt;
        expect(ms).toBeGreaterThan(990);
        expect(ms).toBeLessThan(4000);
        let length = 0;
        // As fast as it goes: the pipe takes a thousandth of it at once.
        while (lost.length < times || length < (90 - lost[times - 1]!) * long.length) {
          length += read().length;
          await turn();
        }
        expect(lost).toHaveLength(times);
        expect(Math.abs(lost[times - 1]! - 25)).toBeLessThan(2);
      }
    }, 20_000);

    it('loses nothing, where the reader takes what it can', async () => {
      const count = 'exec <fifo; : >ready; wc -c >length';
      const child = spawn('sh', ['-c', count], { cwd: folder, stdio: 'inherit' });
      const ended = once(child, 'close');
      await awaitUntil('the reader', () => fs.existsSync(path.join(folder, 'ready')));
      for (let n = 0; n < 200; n += 1) output.write(long);
      output.flushSync();
      fs.closeSync(writer);
      writer = -1;
      await ended;
      const length = Number(fs.readFileSync(path.join(folder, 'length'), 'utf8'));
      expect([length, lost]).toEqual([200 * long.length, []]);
    });
  });
});

it('the output of the log drops what does not fit on a full disk', () => {
  const full = fs.openSync('/dev/full', 'w');
  try {
    const output = createLogOutput(full, () => undefined);
    output.write(line(0));
    expect(() => output.flushSync()).not.toThrow();
  } finally {
    fs.closeSync(full);
  }
});
