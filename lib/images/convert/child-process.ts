import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { FrameReader, frameHead, type Frame } from './frames';

export interface ChildOptions {
  /** The program that runs in the child. */
  readonly program: string;
  /** The most that a converted picture may have. */
  readonly maxBytes: number;
  readonly maxPixels: number;
}

/** How a child ended that was at work. */
export class ChildEnded extends Error {
  override readonly name = 'ChildEnded';
  /** Killed by a signal that was none of ours, as where the memory of the machine ran out. */
  readonly byForeignSignal: boolean;

  constructor(how: string, byForeignSignal: boolean) {
    super(`The child that converts ended: ${how}`);
    this.byForeignSignal = byForeignSignal;
  }
}

const FLAGS = [
  // Threads have stacks of 8 MB, which count as its memory, and one picture at a time needs few.
  '--v8-pool-size=1',
  '--max-old-space-size=64',
  // What V8 compiles lies in memory that is both written and run, of which Node 24 takes 512 MB at its
  // start: they count as well. There is little to compile here, and nobody else shall write code either.
  '--jitless',
  '--disable-warning=DEP0040',
];
const ENVIRONMENT = { UV_THREADPOOL_SIZE: '1', MALLOC_ARENA_MAX: '2' };
/** What Node, libvips and a picture in both forms take, and what a decoder takes for each pixel. */
const BASE_BYTES = 209_715_200;
const BYTES_PER_PIXEL = 30;

/**
 * The memory that a child may have, in bytes. A 12-bit AVIF with alpha takes the most: 16 megapixels
 * of it 490 MB resident.
 */
export function childMemory(maxPixels: number): number {
  return BASE_BYTES + BYTES_PER_PIXEL * maxPixels;
}

/**
 * A process that decodes what strangers send: nothing of ours is in its environment, its memory is
 * bounded, and it is the first to go where that of the machine runs out. Where the machine has
 * namespaces for it, it can neither look into the service nor reach the network.
 */
export class Child {
  /** How many pictures it has converted. */
  done = 0;
  readonly #process: ChildProcess & { stdin: Writable; stdout: Readable };
  readonly #reader: FrameReader;
  readonly #maxPixels: number;
  readonly #maxBytes: number;
  readonly #onEnd: (child: Child) => void;
  #waiting: { resolve: (frame: Frame) => void; reject: (error: Error) => void } | null = null;
  #isKilled = false;
  /** Resolves once the process is gone. */
  readonly ended: Promise<void>;

  constructor({ program, maxBytes, maxPixels }: ChildOptions, onEnd: (child: Child) => void) {
    this.#maxPixels = maxPixels;
    this.#maxBytes = maxBytes;
    this.#reader = new FrameReader(maxBytes);
    this.#onEnd = onEnd;
    const [file, args] = command(program, maxPixels);
    this.#process = spawn(file, args, {
      env: ENVIRONMENT,
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
    });
    const { stdin, stdout } = this.#process;
    // A child that ends breaks its pipes, and says how by its end.
    stdin.on('error', () => undefined);
    stdout.on('error', () => undefined);
    stdout.on('data', (chunk: Buffer) => this.#take(chunk));
    this.ended = new Promise((resolve) => {
      this.#process.once('error', (error) => {
        this.#fail(new ChildEnded(error.message, false));
        // Without a process there is no exit.
        if (this.#process.pid === undefined) resolve();
      });
      this.#process.once('exit', (code, signal) => {
        const how = signal ? `signal ${signal}` : `exit code ${code ?? 'unknown'}`;
        this.#fail(new ChildEnded(how, signal !== null && !this.#isKilled));
        resolve();
      });
    });
  }

  /**
   * Converts one picture; the one before must be done.
   *
   * @returns what the child says of it.
   * @throws {ChildEnded}
   */
  convert(chunks: readonly Buffer[], bytes: number): Promise<Frame> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      const { stdin } = this.#process;
      stdin.write(frameHead({ bytes, maxBytes: this.#maxBytes, maxPixels: this.#maxPixels }));
      for (const chunk of chunks) stdin.write(chunk);
    });
  }

  /** Ends it at once, whatever it does. */
  kill(): void {
    this.#isKilled = true;
    this.#process.kill('SIGKILL');
  }

  #take(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.push(chunk)) {
        if (frame.about.kind === 'ready') continue;
        this.done += 1;
        const waiting = this.#waiting;
        this.#waiting = null;
        waiting?.resolve(frame);
      }
    } catch {
      this.#fail(new ChildEnded('it said what makes no sense', false));
      this.kill();
    }
  }

  #fail(error: ChildEnded): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    this.#onEnd(this);
    waiting?.reject(error);
  }
}

/** Where there is a shell, it sets the bounds and then becomes Node. */
function command(program: string, maxPixels: number): [string, string[]] {
  const node = [process.execPath, ...FLAGS, program] as const;
  if (process.platform === 'win32') return [node[0], node.slice(1)];
  const kilobytes = Math.ceil(childMemory(maxPixels) / 1024);
  const script =
    `{ ulimit -d ${kilobytes}; ulimit -c 0; echo 1000 > /proc/self/oom_score_adj; } 2> /dev/null\n` +
    'program=$1; shift\n' +
    // What streams goes first: a decoder takes a core for seconds. With 19 it would hardly run beside
    // other busy programs, and miss its deadline: on 2 cores, a small WebP beside four of them took 15 s
    // with 19 and takes 2 s with 10.
    'command -v nice > /dev/null && set -- nice -n 10 "$@"\n' +
    // A user namespace keeps it from the memory and the environment of the service, and one of the
    // network from every address. Not all machines allow them, and most containers do not.
    "for own in '--user --net' --user; do\n" +
    // There it is nobody, also where the service is root, and might not be able to read its program.
    '  unshare $own test -r "$program" 2> /dev/null && { set -- unshare $own "$@"; break; }\n' +
    'done\n' +
    'exec "$@"';
  return ['/bin/sh', ['-c', script, 'sh', program, ...node]];
}
