import { useState } from 'preact/hooks';
import { useAnnounce } from './announcer';
import { api } from './api';
import type { JobState } from './job-state';
import { jobName, keptJobs } from './kept-jobs';
import { randomKey } from './random-key';
import { jobAddress } from './router';
import { useService } from './service';

/** What somebody can do with a job, one thing at a time, and why the last one was refused. */
export function useJobActions(id: string, job: JobState | null = null) {
  const { refresh, notice } = useService();
  const announce = useAnnounce();
  const [isActing, setIsActing] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);

  const act = async (what: () => Promise<void>): Promise<void> => {
    if (isActing) return;
    setIsActing(true);
    setRefusal(null);
    try {
      await what();
    } catch (error) {
      const { kind, message } = notice(error, 'asked');
      // Anything else is said of the job itself as soon as it is asked about again.
      if (kind === 'refused') setRefusal(message);
    }
    setIsActing(false);
    refresh();
  };
  const cancel = async (): Promise<void> => {
    await api.cancel(id);
    announce('The job was cancelled.');
    // Its button is about to go.
    document.querySelector('h1')?.focus();
  };
  const retry = async (): Promise<void> => {
    const next = await api.retry(id);
    const again = (job?.images ?? []).filter(({ status }) => status === 'failed');
    keptJobs.put(id, { retriedAs: next });
    keptJobs.put(next, { retryOf: id, name: jobName(again.map(({ url }) => url)) });
    announce('A new job tries the failed images again.');
    location.hash = jobAddress(next);
  };
  const makeAlbum = async (): Promise<void> => {
    const { link } = await api.album(id, randomKey());
    keptJobs.put(id, { album: link });
    announce('The album is made: its link stands above the images.');
    // Its button is about to go.
    document.querySelector('h1')?.focus();
  };
  return {
    isActing,
    refusal,
    cancel: () => void act(cancel),
    retry: () => void act(retry),
    makeAlbum: () => void act(makeAlbum),
  };
}
