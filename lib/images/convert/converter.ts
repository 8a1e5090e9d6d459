import { unlessCancelled, type Cancellation } from '../../cancellation';
import { isRelayError, RelayError } from '../../errors';
import type { Logger } from '../../logger';
import { MemoryBudget } from '../memory-budget';
import { Child, ChildEnded, type ChildOptions } from './child-process';
import { readAnswer, type ConvertedType } from './read-answer';

/** A picture that Imgur takes, in memory. */
export interface Converted {
  readonly type: ConvertedType;
  readonly chunks: Buffer[];
  readonly bytes: number;
  /** Lets go of its memory, so that another one may be converted. */
  readonly release: () => void;
}

export interface Converter {
  /** The most pixels that a picture may have, of all its frames together; null while it is off. */
  readonly maxPixels: number | null;
  /** For all pictures that are to be converted. */
  readonly budget: MemoryBudget;
  /**
   * Converts a picture once it is its turn.
   *
   * @throws {RelayError} `conversion_failed`, `unsupported_image` or `too_large`.
   * @throws the reason of the cancellation, at once.
   */
  convert(
    picture: { readonly chunks: readonly Buffer[]; readonly bytes: number },
    cancellation: Cancellation,
  ): Promise<Converted>;
  /** Ends every child at once; resolves when they are gone. Nothing is converted any more. */
  close(): Promise<void>;
}

export interface ConverterParts extends ChildOptions {
  readonly concurrency: number;
  /** For one picture, in milliseconds. */
  readonly timeoutMs: number;
  readonly log: Logger;
  readonly observer?: ConvertObserver;
}

/** Hears of each conversion; it must be quick and not throw. */
export interface ConvertObserver {
  conversionEnded(outcome: ConvertOutcome, ms: number): void;
}

export type ConvertOutcome = 'converted' | 'refused' | 'failed' | 'cancelled';

/** Memory for all pictures that wait for their conversion, and for those that wait for Imgur, in bytes. */
const WAITING_BYTES = 25_165_824;
const CONVERTED_BYTES = 16_777_216;
/** A child is replaced after this many pictures, and ends once it had none for so long. */
const MOST_PICTURES = 50;
const IDLE_MS = 30_000;

/**
 * Converts pictures in at most `concurrency` child processes, in the order in which they come. No
 * child is started before there is one, and a picture that harms its child harms no other.
 */
export function createConverter(parts: ConverterParts): Converter {
  const { concurrency, timeoutMs, log, observer } = parts;
  const children = new Set<Child>();
  const idle: { child: Child; timer: NodeJS.Timeout }[] = [];
  /** Who waits for a turn; called with it. */
  const line: (() => void)[] = [];
  let atWork = 0;
  let convertedBytes = 0;
  let isMissing = false;
  let isClosed = false;

  return {
    budget: new MemoryBudget(WAITING_BYTES),
    get maxPixels() {
      return isMissing ? null : parts.maxPixels;
    },

    async convert(picture, cancellation) {
      await turn(cancellation);
      const startedAt = performance.now();
      let outcome: ConvertOutcome = 'failed';
      try {
        const { type, chunks, bytes } = await inChild(picture.chunks, picture.bytes, cancellation);
        outcome = 'converted';
        convertedBytes += bytes;
        const release = once(() => {
          convertedBytes -= bytes;
          next();
        });
        return { type, chunks, bytes, release };
      } catch (error) {
        if (error === cancellation.reason) outcome = 'cancelled';
        else if (isRelayError(error) && error.code !== 'conversion_failed') outcome = 'refused';
        throw error;
      } finally {
        observer?.conversionEnded(outcome, performance.now() - startedAt);
        end();
      }
    },

    async close() {
      isClosed = true;
      for (const { timer } of idle.splice(0)) clearTimeout(timer);
      const all = [...children];
      for (const child of all) child.kill();
      await Promise.all(all.map(({ ended }) => ended));
    },
  };

  /** Resolves when it is the caller's turn; it counts as at work from then on. */
  async function turn(cancellation: Cancellation): Promise<void> {
    cancellation.throwIfCancelled();
    let start = (): void => undefined;
    const state = { isAtWork: false };
    const started = new Promise<void>((resolve) => {
      start = () => {
        atWork += 1;
        state.isAtWork = true;
        resolve();
      };
    });
    line.push(start);
    next();
    if (!line.includes(start)) return;
    cancellation.onCancel(() => {
      const at = line.indexOf(start);
      if (at !== -1) line.splice(at, 1);
    });
    try {
      await unlessCancelled(started, cancellation);
    } catch (reason) {
      // Its turn may have come in the same moment.
      if (state.isAtWork) end();
      throw reason;
    }
  }

  function end(): void {
    atWork -= 1;
    next();
  }

  function next(): void {
    // What is converted waits for its upload, which another conversion does not make quicker.
    while (atWork < concurrency && convertedBytes < CONVERTED_BYTES) {
      const start = line.shift();
      if (!start) return;
      start();
    }
  }

  async function inChild(chunks: readonly Buffer[], bytes: number, cancellation: Cancellation) {
    const deadline = performance.now() + timeoutMs;
    for (let attempt = 1; ; attempt += 1) {
      cancellation.throwIfCancelled();
      if (isClosed) throw failed(new Error('the converter is closed'));
      const child = takeChild();
      const state = { isOver: false, isLate: false };
      const timer = setTimeout(
        () => {
          state.isLate = true;
          // It would go on decoding, whatever it is told.
          child.kill();
        },
        Math.max(0, deadline - performance.now()),
      );
      cancellation.onCancel(() => {
        if (!state.isOver) child.kill();
      });
      try {
        const frame = await unlessCancelled(child.convert(chunks, bytes), cancellation);
        if (frame.about.kind === 'missing') {
          turnOff();
          child.kill();
        }
        giveBack(child);
        return readAnswer(frame, parts);
      } catch (error) {
        if (!(error instanceof ChildEnded)) throw error;
        if (state.isLate) throw tooSlow(timeoutMs);
        if (!error.byForeignSignal || attempt === 2) throw failed(error);
      } finally {
        state.isOver = true;
        clearTimeout(timer);
      }
    }
  }

  function takeChild(): Child {
    const last = idle.pop();
    if (last) {
      clearTimeout(last.timer);
      return last.child;
    }
    const child = new Child(parts, (ended) => {
      children.delete(ended);
      const at = idle.findIndex((each) => each.child === ended);
      if (at !== -1) clearTimeout(idle.splice(at, 1)[0]?.timer);
    });
    children.add(child);
    return child;
  }

  function giveBack(child: Child): void {
    if (!children.has(child)) return;
    if (child.done >= MOST_PICTURES || isClosed || isMissing) {
      child.kill();
      return;
    }
    const timer = setTimeout(() => child.kill(), IDLE_MS);
    timer.unref();
    idle.push({ child, timer });
  }

  function turnOff(): void {
    if (!isMissing) log.warn(MISSING);
    isMissing = true;
  }
}

/** What the log says, once, where pictures are not converted although they should be. */
export const MISSING =
  'WebP and AVIF are not converted: sharp, an optional dependency, is missing or does not load.';

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    act();
  };
}

function failed(cause: unknown): RelayError {
  const message = 'The picture could not be converted to one that Imgur takes.';
  return new RelayError('conversion_failed', message, { cause });
}

function tooSlow(ms: number): RelayError {
  return new RelayError(
    'conversion_failed',
    `To convert the picture took more than ${ms / 1000} s.`,
  );
}
