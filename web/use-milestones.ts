import { useEffect, useRef } from 'preact/hooks';
import { useAnnounce } from './announcer';
import type { Counts, JobState } from './job-state';

/** Tells screen readers a quarter at a time, and how it ended. */
export function useMilestones(job: JobState | null, counts: Counts): void {
  const announce = useAnnounce();
  const said = useRef<number | null>(null);
  useEffect(() => {
    if (!job) return;
    const done = counts.complete + counts.failed;
    const quarter = Math.floor((4 * done) / Math.max(1, job.images.length));
    const before = said.current;
    said.current = job.times.status === 'complete' ? 5 : Math.min(quarter, 4);
    if (said.current === before) return;
    if (said.current === 5) {
      announce(`Job complete: ${counts.complete} uploaded, ${counts.failed} failed.`);
    } else if (before !== null && said.current > before && said.current < 4) {
      announce(`${done} of ${job.images.length} images done.`);
    }
  }, [job, counts, announce]);
}
