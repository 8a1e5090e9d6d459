import type { JobListItem } from '../lib/http/schemas';
import { kindOf } from './job-state';
import type { KeptJob } from './kept-jobs';

/** Jobs that this browser keeps and the service does not list any more, as the list shows them. */
export function rememberedJobs(
  kept: readonly KeptJob[],
  listed: readonly JobListItem[],
): JobListItem[] {
  const ids = new Set(listed.map(({ id }) => id));
  return kept
    .filter(({ id, images }) => !ids.has(id) && images.length > 0)
    .map(({ id, about, images }) => {
      const counts = { pending: 0, complete: 0, failed: 0 };
      for (const image of images) {
        const kind = kindOf(image);
        if (kind === 'complete') counts.complete += 1;
        else if (kind === 'failed' || kind === 'cancelled') counts.failed += 1;
        else counts.pending += 1;
      }
      const { created, finished, status } = about;
      return { id, created, finished, status, ...counts };
    });
}
