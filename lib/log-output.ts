import fs from 'node:fs';
import { isatty } from 'node:tty';
import type { DestinationStream } from 'pino';

/** What is written at once, in characters: as much as a pipe holds on Linux (pipe(7)). */
const CHUNK = 65_536;
/** How many bytes wait for a slow reader at most. Whoever writes more has to wait. */
const MAX_WAITING = 64 * 1_048_576;
/** After how long a full pipe is tried again, in milliseconds: the first time, and at most. */
const RETRY_MS = { first: 1, last: 100 };
/** How long a reader that takes nothing is waited for where lines would be lost, in milliseconds. */
const PATIENCE_MS = 1000;
const NEWLINE = 0x0a;
/** What nobody changes: to wait for it is to sleep. */
const PAUSE = new Int32Array(new SharedArrayBuffer(4));

/** A destination for pino. */
export interface LogOutput extends DestinationStream {
  /**
   * Writes what waits, without the event loop: for the end of the process, and for a line that may
   * be the last one. A slow reader gets all of it, one that takes nothing for a second gets no
   * more.
   */
  flushSync(): void;
}

/**
 * Where the lines of the log go: to a file, a terminal, or a pipe whose reader may be slow or gone.
 * The lines of one turn of the event loop are written together. What a full pipe does not take is
 * kept up to a bound. Beyond it, lines are lost unless the reader keeps up. What cannot be written
 * at all is dropped (EPIPE without a reader, EIO without a terminal, ENOSPC on a full disk).
 *
 * pino's own destination would not let the process end: when it flushes at the exit, it repeats for
 * ever a write that can never succeed.
 *
 * @param fd a file, or else in non-blocking mode.
 * @param onLost is told, once lines can be written again, how many could not.
 */
export function createLogOutput(fd: number, onLost: (lines: number) => void): LogOutput {
  return new QueuedOutput(fd, onLost);
}

/** Standard output, as `createLogOutput` needs it. */
export function openStandardOutput(): number {
  // Asked for, Node puts a pipe in non-blocking mode. A terminal stays as it is, and blocks while it
  // is held by Ctrl-S or by a dead line, unless it is opened anew.
  // That of a worker thread has no number; there it is the one of the process.
  const { fd = 1 } = process.stdout as { fd?: number };
  if (!isatty(fd)) return fd;
  try {
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = fs.constants;
    return fs.openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    return fd; // no Linux, or somebody else's terminal
  }
}

class QueuedOutput implements LogOutput {
  readonly #fd: number;
  readonly #onLost: (lines: number) => void;
  /**
   * Full chunks, the oldest first, and the lines that came after them. Chunks are bytes, so that
   * the strings of which they were made are let go of.
   */
  readonly #chunks: Buffer[] = [];
  #lines = '';
  /** The bytes in the chunks. */
  #waiting = 0;
  /** What is being written, and how many bytes of it are. */
  #buffer: Buffer = Buffer.alloc(0);
  #written = 0;
  /** Whether the last that was written is a part of a line whose rest was dropped. */
  #torn = false;
  #lost = 0;
  /** Whether the reader was waited for in vain, and has taken nothing since. */
  #isStalled = false;
  #isScheduled = false;
  /** Set while the pipe is full. */
  #retry: NodeJS.Timeout | null = null;
  #retryMs = RETRY_MS.first;

  constructor(fd: number, onLost: (lines: number) => void) {
    this.#fd = fd;
    this.#onLost = onLost;
  }

  write(line: string): void {
    if (this.#waiting >= MAX_WAITING && !this.#makeRoom()) {
      this.#lost += 1;
      return;
    }
    this.#lines += line;
    if (this.#lines.length >= CHUNK) {
      const chunk = this.#takeLines();
      this.#chunks.push(chunk);
      this.#waiting += chunk.length;
      if (!this.#retry) this.#flush();
    } else if (!this.#retry && !this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(this.#onTurn);
    }
  }

  flushSync(): void {
    this.#writeBelow(0);
  }

  #makeRoom(): boolean {
    if (this.#isStalled) return false;
    this.#isStalled = !this.#writeBelow(MAX_WAITING);
    return !this.#isStalled;
  }

  /**
   * Writes, without the event loop, until fewer bytes wait than that, or none at all.
   *
   * @returns false if the reader takes nothing for a second.
   */
  #writeBelow(bytes: number): boolean {
    let deadline = performance.now() + PATIENCE_MS;
    while (this.#waiting >= bytes) {
      const result = this.#writeOnce();
      if (result === 'nothing') return true;
      if (result === 'written') deadline = performance.now() + PATIENCE_MS;
      else if (performance.now() < deadline) Atomics.wait(PAUSE, 0, 0, RETRY_MS.first);
      else return false;
    }
    return true;
  }

  #flush(): void {
    for (;;) {
      const result = this.#writeOnce();
      if (result === 'nothing') return;
      if (result === 'written') {
        this.#retryMs = RETRY_MS.first;
      } else {
        this.#retry = setTimeout(this.#onRetry, this.#retryMs).unref();
        this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MS.last);
        return;
      }
    }
  }

  /** One call of the system, if anything waits. What fails for good is dropped, and so done with. */
  #writeOnce(): 'nothing' | 'written' | 'full' {
    if (this.#written === this.#buffer.length && !this.#takeNext()) return 'nothing';
    try {
      this.#written += fs.writeSync(this.#fd, this.#buffer, this.#written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 'full';
      this.#drop();
      return 'written';
    }
    this.#isStalled = false;
    this.#torn = this.#buffer[this.#written - 1] !== NEWLINE;
    if (this.#lost > 0 && !this.#torn) this.#tellLost();
    return 'written';
  }

  #takeNext(): boolean {
    const chunk = this.#chunks.shift();
    this.#waiting -= chunk?.length ?? 0;
    const next = chunk ?? this.#takeLines();
    if (next.length === 0) return false;
    this.#buffer = this.#torn ? Buffer.concat([Buffer.of(NEWLINE), next]) : next;
    this.#written = 0;
    return true;
  }

  #takeLines(): Buffer {
    const lines = Buffer.from(this.#lines);
    this.#lines = '';
    return lines;
  }

  #drop(): void {
    // The newline that was put before it ends no line of its own.
    const from = this.#written === 0 && this.#torn ? 1 : this.#written;
    for (const byte of this.#buffer.subarray(from)) if (byte === NEWLINE) this.#lost += 1;
    this.#written = this.#buffer.length;
  }

  #tellLost(): void {
    const lines = this.#lost;
    this.#lost = 0;
    this.#onLost(lines);
  }

  readonly #onTurn = (): void => {
    this.#isScheduled = false;
    if (!this.#retry) this.#flush();
  };
  readonly #onRetry = (): void => {
    this.#retry = null;
    this.#flush();
  };
}
