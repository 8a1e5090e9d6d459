import { useEffect, useRef } from 'preact/hooks';
import { useAnnounce } from './announcer';
import type { JobState } from './job-state';

/** Tells screen readers a quarter at a time, and how it ended. */
export function useMilestones(job: JobState | null): void {
  const announce = useAnnounce();
  const said = useRef<number | null>(null);
  useEffect(() => {
    if (!job) return;
    const { complete, failed, cancelled } = job.counts;
    const done = complete + failed + cancelled;
    const quarter = Math.floor((4 * done) / Math.max(1, job.images.length));
    const before = said.current;
    said.current = job.about.status === 'complete' ? 5 : Math.min(quarter, 4);
    if (said.current === before) return;
    if (said.current === 5) {
      const others = cancelled > 0 ? `, ${cancelled} cancelled` : '';
      announce(`Job complete: ${complete} uploaded, ${failed} failed${others}.`);
    } else if (before !== null && said.current > before && said.current < 4) {
      announce(`${done} of ${job.images.length} images done.`);
    }
  }, [job, announce]);
}
