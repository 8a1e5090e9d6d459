import type { JobView } from '../lib/http/schemas';
import type { Image } from './api';
import { keptJobs } from './kept-jobs';
import { addSample, type ProgressSample } from './time-left';

export type Counts = Record<
  'pending' | 'inProgress' | 'complete' | 'failed' | 'cancelled' | 'deleted',
  number
>;

/** What is known of one job. */
export interface JobState {
  readonly about: Pick<JobView, 'created' | 'finished' | 'status'>;
  readonly images: readonly Image[];
  readonly counts: Readonly<Counts>;
  readonly samples: readonly ProgressSample[];
  /** When it was so: Unix time in milliseconds. */
  readonly seenAt: number;
}

/** What is known after an answer; `at` is its moment in milliseconds of any clock. */
export function jobState(
  before: JobState | null,
  about: JobState['about'],
  fresh: readonly Image[],
  at: number,
): JobState {
  const counts = countsOf(fresh);
  const samples = addSample(before?.samples ?? [], {
    at,
    done: counts.complete + counts.failed + counts.cancelled + counts.deleted,
  });
  const images = kept(before?.images ?? [], fresh);
  return { about, images, counts, samples, seenAt: Date.now() };
}

/** What this browser kept of a job; null if that is nothing. */
export function keptState(id: string): JobState | null {
  const kept = keptJobs.get(id);
  if (!kept || kept.images.length === 0) return null;
  const { about, images, at } = kept;
  return { about, images, counts: countsOf(images), samples: [], seenAt: at };
}

function countsOf(images: readonly Image[]): Counts {
  const counts = { pending: 0, inProgress: 0, complete: 0, failed: 0, cancelled: 0, deleted: 0 };
  for (const image of images) {
    const kind = kindOf(image);
    counts[kind === 'in-progress' ? 'inProgress' : kind] += 1;
  }
  return counts;
}

/** What somebody gave up did not fail. */
export type ImageKind = Image['status'] | 'cancelled';
export function kindOf({ status, error }: Image): ImageKind {
  return status === 'failed' && error?.code === 'cancelled' ? 'cancelled' : status;
}

/** Where the picture is to be seen; null also for one that is deleted. */
export function linkOf({ status, link }: Image): string | null {
  return status === 'deleted' ? null : link;
}

export const isOver = ({ about }: JobState): boolean => about.status === 'complete';

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
