import { setTimeout as wait } from 'node:timers/promises';
import type { UploadGate } from './relay';
import type { WorkQueue } from './work-queue';
import type { Worker } from './worker';

/** A place among those who work, for one run. */
export interface Shift {
  readonly queue: WorkQueue;
  /** Whether nothing is under way here, and the queue had nothing to begin when it was last asked. */
  readonly isIdle: boolean;
  /** Whether there is more to begin in a few seconds, so that it is worth waiting for. */
  expectsMore(): Promise<boolean>;
  /** Gives the place back. @returns whether another run has something to begin. */
  end(): Promise<boolean>;
}

export interface Shifts {
  /** @returns null if others enough are at work. */
  begin(): Promise<Shift | null>;
}

export interface ShiftWorkerParts {
  readonly shifts: Shifts;
  /** Makes who does the work of one shift. */
  readonly hire: (queue: WorkQueue) => Worker;
  /** Starts the next run. */
  readonly startNext: () => Promise<void>;
  /** How long a whole image may take, in milliseconds. */
  readonly imageMs: number;
}

const LOOK_MS = 100;
/** What is left of the time when the last image is given up: for giving back, and starting the next run. */
const MARGIN_MS = 4000;
/** An image may need more than a short run has. Then the first half is for beginning images. */
const SHARE_TO_BEGIN = 1 / 2;
const SHARE_OF_MARGIN = 1 / 5;

/**
 * Works in runs that have a limited time each, as on Lambda, where a process stands still between two
 * invocations. A run begins images while a whole one fits into its time, gives back what does not end,
 * and starts the next run if something is left.
 */
export function createShiftWorker(parts: ShiftWorkerParts): Worker {
  const { shifts, hire, startNext, imageMs } = parts;
  let isDraining = false;
  let atWork: Worker | null = null;

  return {
    async run(remainingMs = () => Infinity) {
      const shift = isDraining ? null : await shifts.begin();
      if (!shift) return;
      const total = remainingMs();
      const reserveMs = Math.min(imageMs + MARGIN_MS, total * (1 - SHARE_TO_BEGIN));
      const marginMs = Math.min(MARGIN_MS, total * SHARE_OF_MARGIN);
      const worker = hire(shift.queue);
      atWork = worker;
      void worker.run();
      // Who has nothing under way can wait for longer: what comes is for the next run then.
      while (!isDraining && remainingMs() > (shift.isIdle ? marginMs : reserveMs)) {
        if (shift.isIdle && !(await shift.expectsMore())) break;
        await wait(LOOK_MS);
      }
      await worker.drain(Math.max(0, remainingMs() - marginMs));
      if (await shift.end()) await startNext();
    },

    async drain(timeoutMs) {
      isDraining = true;
      await atWork?.drain(timeoutMs);
    },
  };
}

/** A gate that tells only who asked last: each run hires a worker of its own, and those before are gone. */
export function tellsLatest(gate: UploadGate): UploadGate {
  let latest: (key: string) => void = () => undefined;
  gate.onOpen((key) => latest(key));
  return {
    tryEnter: (key) => gate.tryEnter(key),
    leave: (key, outcome) => gate.leave(key, outcome),
    onOpen: (listener) => void (latest = listener),
  };
}
