import { countWords } from '../figures-in-words';
import { isOver, linkOf, type JobState } from '../job-state';
import { leftLine, retryLabel } from '../job-words';
import { useService } from '../service';
import { AskButton } from './ask-button';
import { CopyLinks } from './copy-links';
import { JobMenu } from './job-menu';
import { ProgressBar } from './progress-bar';

/** How far a job is, and what can be done with it: stays in sight while its list scrolls. */
export function JobBar({
  id,
  job,
  isStale,
  isActing,
  onCancel,
  onRetry,
  onAlbum,
}: {
  id: string;
  job: JobState;
  /** Whether it may have gone on since. */
  isStale: boolean;
  isActing: boolean;
  onCancel: () => void;
  /** Null where a retry would be of no use. */
  onRetry: (() => void) | null;
  /** Null where there is nothing to make an album of, or there is one. */
  onAlbum: (() => void) | null;
}) {
  const { health } = useService();
  const isOpen = !isOver(job);
  const links = job.images.flatMap((image) => {
    const link = linkOf(image);
    return link === null ? [] : { link, url: image.url };
  });
  return (
    <div class="card job-bar">
      {isOpen && <ProgressBar counts={job.counts} label="Progress of this job" />}
      <div class="row apart">
        <CopyLinks links={links} />
        {isOpen && !isStale && (
          <p class="quiet time-left">{leftLine(job, health?.pausedUntil ?? null)}</p>
        )}
        <div class="row job-actions">
          <JobMenu id={id} job={job} isActing={isActing} onAlbum={onAlbum} />
          {isOpen && !isStale && (
            <AskButton
              label="Cancel job"
              yes={`Give up ${countWords(job.counts.pending + job.counts.inProgress, 'image')}`}
              no="Go on"
              isActing={isActing}
              onYes={onCancel}
            />
          )}
          {onRetry && (
            <button
              type="button"
              class="button small primary"
              aria-disabled={isActing}
              onClick={onRetry}
            >
              {retryLabel(job.counts)}
            </button>
          )}
        </div>
      </div>
    </div>
  );
}
