import { imgurShutUntil } from '../failure-words';
import { isOver } from '../job-state';
import { headline, timesLine } from '../job-words';
import { keptJobs } from '../kept-jobs';
import { Heading } from '../parts/heading';
import { JobBar } from '../parts/job-bar';
import { JobImages } from '../parts/job-images';
import { JobNotes } from '../parts/job-notes';
import { useService } from '../service';
import { useJob } from '../use-job';
import { useJobActions } from '../use-job-actions';
import { useMilestones } from '../use-milestones';
import { useTabSignal } from '../use-tab-signal';

/** One job: how far it is, each of its images, and what can be done with it. */
export function JobView({ id }: { id: string }) {
  const { health, isReachable, needsKey } = useService();
  const answer = useJob(id);
  const { state, job } = answer;
  const { isActing, refusal, cancel, retry, makeAlbum } = useJobActions(id, job);
  useMilestones(job);
  useTabSignal(state === 'live' ? job : null);
  if (state === 'missing' && job === null) return <UnknownJob />;

  const kept = needsKey ? undefined : keptJobs.get(id);
  const isStale = state !== 'live';
  // That nobody answers is said once, for the whole page.
  const isSaid = !isReachable || health?.status === 'degraded';
  const problem = refusal ?? (state === 'lost' && !isSaid ? answer.problem : null);
  const notDone = job ? job.counts.failed + job.counts.cancelled : 0;
  const shutUntil = job && imgurShutUntil(job.images);
  const canRetry =
    job !== null && isOver(job) && state === 'live' && notDone > 0 && !kept?.retriedAs;
  const canMakeAlbum =
    job !== null && isOver(job) && state === 'live' && job.counts.complete > 0 && !kept?.album;
  return (
    <article aria-label="Job">
      <p class="crumb quiet">
        <a href="#/">Upload</a> <span aria-hidden="true">/</span>{' '}
        {kept?.name ? <span>{kept.name}</span> : <code>{id.slice(0, 8)}</code>}
      </p>
      <div class="view-head row apart">
        <div>
          <Heading title={titleOf(id, answer)}>{headline(job, state === 'missing')}</Heading>
          <p class="quiet">
            {job ? timesLine(job, isStale && !isOver(job)) : problem === null && 'Loading the job…'}
          </p>
        </div>
      </div>
      <JobNotes answer={answer} kept={kept} problem={problem} shutUntil={shutUntil} />
      {job && (
        <JobBar
          id={id}
          job={job}
          isStale={isStale}
          isActing={isActing}
          onCancel={cancel}
          onRetry={canRetry && shutUntil === null ? retry : null}
          onAlbum={canMakeAlbum ? makeAlbum : null}
        />
      )}
      {job && <JobImages job={job} isStale={isStale} />}
    </article>
  );
}

/** Of the tab: how far it is, or that it is done. */
function titleOf(id: string, { job }: ReturnType<typeof useJob>): string {
  if (job === null) return `Job ${id.slice(0, 8)} – image-relay`;
  if (isOver(job)) return `✓ ${headline(job)} – image-relay`;
  const { complete, failed, cancelled, deleted } = job.counts;
  const done = complete + failed + cancelled + deleted;
  const percent = Math.floor((100 * done) / job.images.length);
  return `${percent}% – Job ${id.slice(0, 8)} – image-relay`;
}

function UnknownJob() {
  return (
    <section class="empty">
      <Heading title="Unknown job – image-relay">There is no such job</Heading>
      <p>
        The oldest jobs make room for new ones, and without a database a restart forgets them.{' '}
        <a href="#/">Start a new job</a> or look at <a href="#/gallery">the gallery</a>.
      </p>
    </section>
  );
}
