import { useState } from 'preact/hooks';
import { api } from './api';
import { isDone, jobState, type JobState } from './job-state';
import { useService } from './service';
import { usePolling } from './use-polling';

const BUSY_MS = 1000;
const AWAY_MS = 4000;

/** How it stands with a job that is looked at. */
export type JobAnswer =
  | { readonly state: 'loading'; readonly job: null }
  | { readonly state: 'live'; readonly job: JobState }
  /** The last question failed; what was known stays. The problem is null if a key is asked for. */
  | { readonly state: 'lost'; readonly job: JobState | null; readonly problem: string | null }
  /** The service does not know it, or not any more. */
  | { readonly state: 'missing'; readonly job: null };

/** Follows a job to its end. */
export function useJob(id: string): JobAnswer {
  const { round, notice } = useService();
  const [answer, setAnswer] = useState<JobAnswer>({ state: 'loading', job: null });
  const [endedIn, setEndedIn] = useState<number | null>(null);
  const { state, job } = answer;

  usePolling({
    key: `${id} ${round}`,
    // A new round asks once more: the service may have forgotten the job.
    enabled: endedIn !== round,
    interval: state === 'lost' ? AWAY_MS : BUSY_MS,
    ask: () => askFor(id, job),
    use: (now) => {
      setAnswer({ state: 'live', job: now });
      if (now.about.status === 'complete') setEndedIn(round);
    },
    fail: (error) => {
      const { kind, problem } = notice(error);
      setAnswer(kind === 'missing' ? { state: kind, job: null } : { state: 'lost', job, problem });
      if (kind === 'missing') setEndedIn(round);
    },
  });
  return answer;
}

async function askFor(id: string, before: JobState | null): Promise<JobState> {
  let images = await api.images(id);
  // The rest is asked for when it is new: at first, and when all is done.
  const about = before && !images.every(isDone) ? before.about : await api.job(id);
  // The job can end between the two answers, and nothing is asked after its end.
  if (about.status === 'complete' && !images.every(isDone)) images = await api.images(id);
  return jobState(before, about, images, performance.now());
}
