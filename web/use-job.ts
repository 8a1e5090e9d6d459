import { useRef, useState } from 'preact/hooks';
import { api } from './api';
import { isDone, jobState, keptState, type JobState } from './job-state';
import { keptJobs } from './kept-jobs';
import { useService } from './service';
import { usePolling } from './use-polling';

const BUSY_MS = 1000;
const AWAY_MS = 4000;
/** Of a job under way. */
const KEEP_EVERY_MS = 10_000;

/** How it stands with a job that is looked at. */
export type JobAnswer =
  /** Until the first answer there is what this browser kept. */
  | { readonly state: 'loading'; readonly job: JobState | null }
  | { readonly state: 'live'; readonly job: JobState }
  /** The last question failed; what was known stays. The problem is null if a key is asked for. */
  | { readonly state: 'lost'; readonly job: JobState | null; readonly problem: string | null }
  /** The service does not know it, or not any more; what was known stays. */
  | { readonly state: 'missing'; readonly job: JobState | null };

/** Follows a job to its end. */
export function useJob(id: string): JobAnswer {
  const { round, notice } = useService();
  const [answer, setAnswer] = useState<JobAnswer>(() => ({
    state: 'loading',
    job: keptState(id),
  }));
  const keptAt = useRef(0);
  const [endedIn, setEndedIn] = useState<number | null>(null);
  const { state, job } = answer;

  usePolling({
    key: `${id} ${round}`,
    // A new round asks once more: the service may have forgotten the job.
    enabled: endedIn !== round,
    interval: state === 'lost' ? AWAY_MS : BUSY_MS,
    ask: () => askFor(id, job, state === 'live'),
    use: (now) => {
      setAnswer({ state: 'live', job: now });
      const { about, images, seenAt } = now;
      if (about.status === 'complete' || seenAt - keptAt.current >= KEEP_EVERY_MS) {
        keptAt.current = seenAt;
        keptJobs.put(id, { about, images, at: seenAt });
      }
      if (now.about.status === 'complete') setEndedIn(round);
    },
    fail: (error) => {
      const { kind, problem } = notice(error);
      // What is kept is not shown to somebody who is not let in.
      const shown = kind === 'unauthorized' && state === 'loading' ? null : job;
      setAnswer(kind === 'missing' ? { state: kind, job } : { state: 'lost', job: shown, problem });
      if (kind === 'missing') setEndedIn(round);
    },
  });
  return answer;
}

async function askFor(id: string, before: JobState | null, isLive: boolean): Promise<JobState> {
  let images = await api.images(id);
  // The rest is asked for when it is new: at first, and when all is done.
  const about = before && isLive && !images.every(isDone) ? before.about : await api.job(id);
  // The job can end between the two answers, and nothing is asked after its end.
  if (about.status === 'complete' && !images.every(isDone)) images = await api.images(id);
  return jobState(before, about, images, performance.now());
}
