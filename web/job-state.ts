import type { JobView } from '../lib/http/schemas';
import type { Image } from './api';
import { addSample, type ProgressSample } from './time-left';

export type Counts = Record<'pending' | 'inProgress' | 'complete' | 'failed', number>;

/** What is known of one job. */
export interface JobState {
  readonly about: Pick<JobView, 'created' | 'finished' | 'status'>;
  readonly images: readonly Image[];
  readonly counts: Readonly<Counts>;
  readonly samples: readonly ProgressSample[];
}

/** What is known after an answer; `at` is its moment in milliseconds of any clock. */
export function jobState(
  before: JobState | null,
  about: JobState['about'],
  fresh: readonly Image[],
  at: number,
): JobState {
  const counts = countsOf(fresh);
  const samples = addSample(before?.samples ?? [], { at, done: counts.complete + counts.failed });
  return { about, images: kept(before?.images ?? [], fresh), counts, samples };
}

function countsOf(images: readonly Image[]): Counts {
  const counts = { pending: 0, inProgress: 0, complete: 0, failed: 0 };
  for (const { status } of images) {
    if (status !== 'deleted') counts[status === 'in-progress' ? 'inProgress' : status] += 1;
  }
  return counts;
}

export function isDone({ status }: Image): boolean {
  return status !== 'pending' && status !== 'in-progress';
}

/** Rows that did not change keep their object, so that nothing is drawn again. */
function kept(old: readonly Image[], fresh: readonly Image[]): readonly Image[] {
  return fresh.map((image, at) => {
    const before = old[at];
    return before && CHANGING.every((name) => before[name] === image[name]) ? before : image;
  });
}

/** An image fails once, so that its reason does not change by itself. */
const CHANGING = ['url', 'status', 'attempts', 'link', 'durationMs'] as const;
