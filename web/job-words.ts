import { clockWords, countWords, durationWords } from './figures-in-words';
import { isOver, type Counts, type JobState } from './job-state';
import { timeLeft, timeLeftWords } from './time-left';

/**
 * How it stands with a job, as its heading.
 *
 * @param isForgotten whether the service does not know it any more.
 */
export function headline(job: JobState | null, isForgotten = false): string {
  if (job === null) return 'Job';
  const { complete, failed, cancelled, deleted } = job.counts;
  const total = job.images.length;
  const images = countWords(total, 'image');
  const gone = deleted > 0 ? `, ${deleted.toLocaleString()} deleted` : '';
  const some = `${complete.toLocaleString()} of ${images} uploaded${gone}`;
  if (!isOver(job)) return isForgotten ? some : `Uploading ${images}`;
  if (complete === total) return total === 1 ? 'Image uploaded' : `All ${images} uploaded`;
  if (deleted === total) return total === 1 ? 'Image deleted' : `All ${images} deleted`;
  if (complete + deleted > 0) return some;
  if (failed === 0 && cancelled > 0) return 'Job cancelled';
  if (cancelled > 0) return `None of ${images} uploaded`;
  return total === 1 ? 'The image failed' : `All ${images} failed`;
}

/** @param isOld whether the job may have gone on since. */
export function timesLine({ about, seenAt }: JobState, isOld = false): string {
  const { created, finished } = about;
  const start = `Started at ${clockWords(new Date(created), new Date())}`;
  if (isOld) return `${start}, shown as it was at ${clockWords(new Date(seenAt), new Date())}`;
  if (finished === null) return start;
  return `${start}, took ${durationWords(Date.parse(finished) - Date.parse(created))}`;
}

/** How long the rest takes, or until when nothing moves. */
export function leftLine({ samples, images }: JobState, pausedUntil: string | null): string {
  const until = pausedUntil === null ? null : new Date(pausedUntil);
  if (until && until.getTime() > Date.now()) {
    return `Paused until ${clockWords(until, new Date())}`;
  }
  const left = timeLeft(samples, images.length);
  return left === null ? 'Estimating the time left…' : timeLeftWords(left);
}

/** Without a number, as the filters have them. */
export function retryLabel({ failed, cancelled }: Counts): string {
  if (failed > 0 && cancelled > 0) return 'Retry the others';
  return failed > 0 ? 'Retry failed' : 'Retry cancelled';
}
