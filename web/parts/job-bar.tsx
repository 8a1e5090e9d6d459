import { useEffect, useRef, useState } from 'preact/hooks';
import { countWords } from '../figures-in-words';
import { isOver, type JobState } from '../job-state';
import { leftLine, retryLabel } from '../job-words';
import { useService } from '../service';
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
}: {
  id: string;
  job: JobState;
  /** Whether it may have gone on since. */
  isStale: boolean;
  isActing: boolean;
  onCancel: () => void;
  /** Null where a retry would be of no use. */
  onRetry: (() => void) | null;
}) {
  const { health } = useService();
  const isOpen = !isOver(job);
  const links = job.images.flatMap(({ link, url }) => (link === null ? [] : { link, url }));
  return (
    <div class="card job-bar">
      {isOpen && <ProgressBar counts={job.counts} label="Progress of this job" />}
      <div class="row apart">
        <CopyLinks links={links} />
        {isOpen && !isStale && (
          <p class="quiet time-left">{leftLine(job, health?.pausedUntil ?? null)}</p>
        )}
        <div class="row job-actions">
          <JobMenu id={id} job={job} />
          {isOpen && !isStale && (
            <CancelButton
              left={job.counts.pending + job.counts.inProgress}
              isActing={isActing}
              onCancel={onCancel}
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

/** Asks once whether it is meant. */
function CancelButton({
  left,
  isActing,
  onCancel,
}: {
  left: number;
  isActing: boolean;
  onCancel: () => void;
}) {
  const [isAsking, setIsAsking] = useState(false);
  const first = useRef<HTMLButtonElement>(null);
  const wasAsking = useRef(false);
  useEffect(() => {
    // The button that had the focus has gone.
    if (wasAsking.current !== isAsking) first.current?.focus();
    wasAsking.current = isAsking;
  }, [isAsking]);
  if (!isAsking) {
    return (
      <button
        key="ask"
        ref={first}
        type="button"
        class="button small"
        onClick={() => setIsAsking(true)}
      >
        Cancel job
      </button>
    );
  }
  return (
    <>
      <button
        key="cancel"
        ref={first}
        type="button"
        class="button small strong"
        aria-disabled={isActing}
        onClick={onCancel}
      >
        Give up {countWords(left, 'image')}
      </button>
      <button key="go-on" type="button" class="button small" onClick={() => setIsAsking(false)}>
        Go on
      </button>
    </>
  );
}
