import type { JobListItem } from '../../lib/http/schemas';
import { agoWords, countWords } from '../figures-in-words';
import { jobAddress } from '../router';
import { useService } from '../service';
import { ProgressBar } from './progress-bar';

const SHOWN = 8;

/** The newest jobs, each with its own address. */
export function RecentJobs() {
  const { jobs, health, needsKey } = useService();
  return (
    <section class="card" aria-labelledby="jobs-title">
      <h2 id="jobs-title">Recent jobs</h2>
      {jobs === null && (
        <p class="quiet">{needsKey ? 'Shown once you have entered the key.' : 'Loading…'}</p>
      )}
      {jobs?.length === 0 && (
        <p class="quiet">
          No jobs yet. Paste some links
          {health?.samples?.length ? ', or try the sample pictures.' : ' to start the first one.'}
        </p>
      )}
      {jobs !== null && jobs.length > 0 && <Jobs jobs={jobs.slice(0, SHOWN)} />}
      {jobs !== null && jobs.length > SHOWN && (
        <details class="more">
          <summary class="quiet">Older jobs</summary>
          <Jobs jobs={jobs.slice(SHOWN)} />
        </details>
      )}
    </section>
  );
}

function Jobs({ jobs }: { jobs: readonly JobListItem[] }) {
  return (
    <ul class="jobs">
      {jobs.map((job) => (
        <JobItem key={job.id} job={job} />
      ))}
    </ul>
  );
}

function JobItem({ job }: { job: JobListItem }) {
  const { id, created, pending, complete, failed } = job;
  const name = countWords(pending + complete + failed, 'image');
  const facts = [
    pending > 0 && `${(complete + failed).toLocaleString()} done`,
    pending === 0 && failed === 0 && 'all uploaded',
    failed > 0 && `${failed.toLocaleString()} failed`,
  ].filter(Boolean);
  return (
    <li>
      <a class="job-item" href={jobAddress(id)}>
        <span class="job-item-name">{name}</span>
        <time class="quiet" dateTime={created} title={new Date(created).toLocaleString()}>
          {agoWords(Date.now() - Date.parse(created))}
        </time>
        <span class="job-item-facts quiet">{facts.join(', ')}</span>
        <ProgressBar
          label={`Progress of the job of ${name}`}
          counts={{ pending, inProgress: 0, complete, failed, cancelled: 0 }}
        />
      </a>
    </li>
  );
}
