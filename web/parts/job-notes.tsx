import { draftStore } from '../draft';
import { clockWords, countWords } from '../figures-in-words';
import type { JobState } from '../job-state';
import type { KeptJob } from '../kept-jobs';
import { isOpenable } from '../link-formats';
import { jobAddress } from '../router';
import type { JobAnswer } from '../use-job';
import { CopyButton } from './copy-button';

/** What there is to know of a job beyond its images, each said once. */
export function JobNotes({
  answer: { state, job },
  kept,
  problem,
  shutUntil,
}: {
  answer: JobAnswer;
  kept: KeptJob | undefined;
  /** What went wrong with the last question, or with what was asked for. */
  problem: string | null;
  /** Until when Imgur takes nothing of what failed. */
  shutUntil: Date | null;
}) {
  return (
    <>
      {problem !== null && (
        <p class="banner" data-tone="bad" role="alert">
          {problem}
        </p>
      )}
      {state === 'missing' && job !== null && <Forgotten job={job} />}
      {shutUntil !== null && (
        <p class="banner" data-tone="warn">
          <strong>Imgur takes nothing until {clockWords(shutUntil, new Date())}.</strong> To retry
          before would be of no use. The failed images stay here.
        </p>
      )}
      {kept?.album !== undefined && isOpenable(kept.album) && (
        <div class="banner row apart" data-tone="plain">
          <span>
            All its pictures are in{' '}
            <a href={kept.album} target="_blank" rel="noreferrer">
              an album
            </a>
            .
          </span>
          <CopyButton
            text={() => kept.album ?? ''}
            label="Copy the album’s link"
            said="Copied the album’s link."
          />
        </div>
      )}
      {kept?.retryOf !== undefined && (
        <p class="banner" data-tone="plain">
          This job tries again what failed in <a href={jobAddress(kept.retryOf)}>an earlier one</a>.
        </p>
      )}
      {kept?.retriedAs !== undefined && (
        <p class="banner" data-tone="plain">
          What failed here was tried again in <a href={jobAddress(kept.retriedAs)}>another job</a>.
        </p>
      )}
    </>
  );
}

function Forgotten({ job: { images, seenAt } }: { job: JobState }) {
  const left = images.filter(({ link }) => link === null).map(({ url }) => url);
  return (
    <div class="banner row apart" data-tone="warn">
      <span>
        <strong>The service does not know this job any more</strong>, as after a restart. This is
        what the browser kept of it at {clockWords(new Date(seenAt), new Date())}.
      </span>
      {left.length > 0 && (
        <button
          type="button"
          class="button small"
          onClick={() => {
            draftStore.add(left.join('\n'));
            location.hash = '#/';
          }}
        >
          Take the other {countWords(left.length, 'link')} to the form
        </button>
      )}
    </div>
  );
}
