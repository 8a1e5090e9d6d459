import type { JobState } from '../job-state';
import { leftLine } from '../job-words';
import { useService } from '../service';
import { Fact } from './fact';
import { ProgressBar } from './progress-bar';

/** How many images of a job are how far, and how long the rest takes. */
export function JobProgress({ job }: { job: JobState }) {
  const { health } = useService();
  const { complete, failed, inProgress, pending } = job.counts;
  const isOpen = job.about.status !== 'complete';
  return (
    <div class="card">
      <ProgressBar counts={job.counts} label="Progress of this job" />
      <div class="progress-line row apart">
        <dl class="counts row">
          <Fact name="Uploaded" value={complete.toLocaleString()} />
          <Fact name="Failed" value={failed.toLocaleString()} />
          {isOpen && <Fact name="Under way" value={inProgress.toLocaleString()} />}
          {isOpen && <Fact name="Waiting" value={pending.toLocaleString()} />}
        </dl>
        {isOpen && <p class="quiet">{leftLine(job, health?.pausedUntil ?? null)}</p>}
      </div>
    </div>
  );
}
