import type { WorkQueue } from './work-queue';

/** The queue of a process that takes calls and moves no image: others do. */
export const NO_QUEUE: WorkQueue = {
  isLasting: true,
  isEmpty: true,
  next: () => undefined,
  reopen: () => undefined,
  onReady: () => undefined,
  onCancel: () => undefined,
  close: () => Promise.resolve([]),
};
