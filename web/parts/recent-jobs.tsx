import type { JobListItem } from '../../lib/http/schemas';
import { keptJobs } from '../kept-jobs';
import { rememberedJobs } from '../remembered-jobs';
import { useService } from '../service';
import { useFaces } from '../use-faces';
import { useSubmit } from '../use-submit';
import { JobItem } from './job-item';

const SHOWN = 8;

/** The newest jobs, each with its own address. */
export function RecentJobs() {
  const { jobs: listed, health, needsKey } = useService();
  const { isSending, submit } = useSubmit();
  const samples = health?.samples ?? [];
  // Whoever has no key sees no names either.
  const jobs = needsKey ? null : listed;
  const faceOf = useFaces(jobs?.slice(0, SHOWN) ?? []);
  const remembered = jobs === null ? [] : rememberedJobs(keptJobs.all(), jobs);
  return (
    <section class="card" aria-labelledby="jobs-title">
      <h2 id="jobs-title">Recent jobs</h2>
      {jobs === null && (
        <p class="quiet">{needsKey ? 'Shown once you have entered the key.' : 'Loading…'}</p>
      )}
      {jobs?.length === 0 && (
        <>
          <p class="quiet">No jobs yet. Paste some links to start the first one.</p>
          {samples.length > 0 && (
            <button
              type="button"
              class="button small"
              aria-disabled={isSending}
              onClick={() => void submit(samples, '', null)}
            >
              Upload the sample pictures
            </button>
          )}
        </>
      )}
      {jobs !== null && jobs.length > 0 && <Jobs jobs={jobs.slice(0, SHOWN)} faceOf={faceOf} />}
      {jobs !== null && jobs.length > SHOWN && (
        <details class="more">
          <summary class="quiet">Older jobs</summary>
          <Jobs jobs={jobs.slice(SHOWN)} faceOf={faceOf} />
        </details>
      )}
      {remembered.length > 0 && (
        <details class="more" open={jobs?.length === 0}>
          <summary class="quiet">Kept by this browser</summary>
          <Jobs jobs={remembered} faceOf={faceOf} />
        </details>
      )}
    </section>
  );
}

function Jobs({
  jobs,
  faceOf,
}: {
  jobs: readonly JobListItem[];
  faceOf: ReturnType<typeof useFaces>;
}) {
  return (
    <ul class="jobs">
      {jobs.map((job) => (
        <JobItem key={job.id} job={job} face={faceOf(job.id)} />
      ))}
    </ul>
  );
}
