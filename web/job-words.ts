import { clockWords, countWords, durationWords } from './figures-in-words';
import type { JobState } from './job-state';
import { timeLeft, timeLeftWords } from './time-left';

/** How it stands with a job, as its heading. */
export function headline(job: JobState | null): string {
  if (job === null) return 'Job';
  const { about, counts } = job;
  const total = job.images.length;
  const images = countWords(total, 'image');
  if (about.status !== 'complete') return `Uploading ${images}`;
  if (counts.failed === 0) return total === 1 ? 'Image uploaded' : `All ${images} uploaded`;
  if (counts.complete === 0) return total === 1 ? 'The image failed' : `All ${images} failed`;
  return `${counts.complete.toLocaleString()} of ${images} uploaded`;
}

export function timesLine({ about: { created, finished } }: JobState): string {
  const start = `Started at ${clockWords(new Date(created), new Date())}`;
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
