import { useRef, useState } from 'preact/hooks';
import { useAnnounce } from './announcer';
import { api, type Image } from './api';
import { countWords } from './figures-in-words';
import { jobName, keptJobs } from './kept-jobs';
import { randomKey } from './random-key';
import { jobAddress } from './router';
import { useService } from './service';
import { severalJobs } from './several-jobs';
import { troubleOf, type Trouble } from './upload-words';

/** What was not taken of a list, and why. */
export interface Left {
  readonly urls: readonly string[];
  readonly trouble: Trouble;
  /** Whether it was for want of a key. */
  readonly needsKey: boolean;
}

/** Starts jobs, as many as a list needs, and leads to the first one. */
export function useSubmit() {
  const { refresh, notice } = useService();
  const announce = useAnnounce();
  const [isSending, setIsSending] = useState(false);
  /** Of each body that was sent and not answered: the same list again is the same job. */
  const keys = useRef(new Map<string, string>());

  /** @returns null once all of it is taken. */
  const submit = async (
    urls: readonly string[],
    clientId: string,
    most: number | null,
  ): Promise<Left | null> => {
    const jobs = severalJobs(urls, most);
    const ids: string[] = [];
    setIsSending(true);
    try {
      for (const job of jobs) ids.push(await start(job, clientId));
    } catch (error) {
      const failure = notice(error, 'asked');
      const left = jobs.slice(ids.length).flat();
      const trouble = troubleOf(failure, left);
      const started = `${ids.length} of ${jobs.length} jobs were started. `;
      return {
        urls: left,
        trouble: ids.length === 0 ? trouble : { ...trouble, message: started + trouble.message },
        needsKey: failure.kind === 'unauthorized',
      };
    } finally {
      setIsSending(false);
      refresh();
    }
    const images = countWords(urls.length, 'image');
    const begun = ids.length === 1 ? 'Job' : `${ids.length} jobs`;
    announce(`${begun} started with ${images}.`);
    location.hash = jobAddress(ids[0] ?? '');
    return null;
  };

  const start = async (urls: readonly string[], clientId: string): Promise<string> => {
    const body = JSON.stringify({ urls, ...(clientId === '' ? {} : { clientId }) });
    const key = keys.current.get(body) ?? randomKey();
    keys.current.set(body, key);
    const id = await api.submit(body, key);
    keys.current.delete(body);
    keptJobs.put(id, {
      at: Date.now(),
      name: jobName(urls),
      about: { created: new Date().toISOString(), finished: null, status: 'pending' },
      images: urls.map(waitingImage),
    });
    return id;
  };
  return { isSending, submit };
}

function waitingImage(url: string): Image {
  const unknown = { link: null, deletehash: null, error: null, bytes: null, durationMs: null };
  return { url, status: 'pending', attempts: 0, type: null, sourceType: null, ...unknown };
}
