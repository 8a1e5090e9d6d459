import { headline, timesLine } from '../job-words';
import { Heading } from '../parts/heading';
import { JobImages } from '../parts/job-images';
import { JobProgress } from '../parts/job-progress';
import { useJob } from '../use-job';
import { useJobActions } from '../use-job-actions';
import { useMilestones } from '../use-milestones';

/** One job: how far it is, each of its images, and what can be done with it. */
export function JobView({ id }: { id: string }) {
  const answer = useJob(id);
  const { isActing, refusal, cancel, retry } = useJobActions(id);
  useMilestones(answer.job);
  if (answer.state === 'missing') return <UnknownJob />;

  const { job } = answer;
  const problem = answer.state === 'lost' ? answer.problem : null;
  const isOpen = job !== null && job.about.status !== 'complete';
  const failed = job?.counts.failed ?? 0;
  const percent = job && Math.floor((100 * (job.counts.complete + failed)) / job.images.length);
  return (
    <article aria-label="Job">
      <p class="crumb quiet">
        <a href="#/">Upload</a> <span aria-hidden="true">/</span> <code>{id.slice(0, 8)}</code>
      </p>
      <div class="view-head row apart">
        <div>
          <Heading title={`${isOpen ? `${percent}% – ` : ''}Job ${id.slice(0, 8)} – image-relay`}>
            {headline(job)}
          </Heading>
          <p class="quiet">{job ? timesLine(job) : problem === null && 'Loading the job…'}</p>
        </div>
        {job && (
          <div class="actions row">
            {isOpen && (
              <button type="button" class="button danger" aria-disabled={isActing} onClick={cancel}>
                Cancel job
              </button>
            )}
            {!isOpen && failed > 0 && (
              <button type="button" class="button primary" aria-disabled={isActing} onClick={retry}>
                Retry {failed.toLocaleString()} failed
              </button>
            )}
          </div>
        )}
      </div>
      {(refusal ?? problem) !== null && (
        <p class="banner" data-tone="bad" role="alert">
          {refusal ?? problem}
        </p>
      )}
      {job && <JobProgress job={job} />}
      {job && <JobImages job={job} />}
    </article>
  );
}

function UnknownJob() {
  return (
    <section class="empty">
      <Heading title="Unknown job – image-relay">There is no such job</Heading>
      <p>
        The service keeps jobs in memory: a restart forgets them, and the oldest make room for new
        ones. <a href="#/">Start a new job</a> or look at <a href="#/gallery">the gallery</a>.
      </p>
    </section>
  );
}
