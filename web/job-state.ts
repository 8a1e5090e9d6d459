import type { Image, JobTimes } from './api';

/** What is known of one job. */
export interface JobState {
  readonly times: JobTimes;
  readonly images: readonly Image[];
}

export type Counts = ReturnType<typeof countsOf>;

export function countsOf(images: readonly Image[]) {
  const count = (status: Image['status']): number =>
    images.filter((image) => image.status === status).length;
  return {
    pending: count('pending'),
    inProgress: count('in-progress'),
    complete: count('complete'),
    failed: count('failed'),
  };
}

export function isDone({ status }: Image): boolean {
  return status === 'complete' || status === 'failed';
}

/** Rows that did not change keep their object, so that nothing is drawn again. */
export function kept(old: readonly Image[] | undefined, fresh: readonly Image[]): readonly Image[] {
  if (!old) return fresh;
  let isSame = old.length === fresh.length;
  const images = fresh.map((image, at) => {
    const before = old[at];
    if (before && isUnchanged(before, image)) return before;
    isSame = false;
    return image;
  });
  return isSame ? old : images;
}

function isUnchanged(a: Image, b: Image): boolean {
  return (
    a.url === b.url &&
    a.status === b.status &&
    a.attempts === b.attempts &&
    a.link === b.link &&
    a.error?.code === b.error?.code &&
    a.durationMs === b.durationMs
  );
}
