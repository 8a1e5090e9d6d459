import { useState } from 'preact/hooks';
import { api } from './api';
import { useService } from './service';
import { usePolling } from './use-polling';

const BUSY_MS = 3000;
const IDLE_MS = 60_000;
/** Each answer brings all links, so that long lists are asked for less often. */
const LINKS_PER_MS = 10;

/** What was known when the gallery was left, so that it is there at once when somebody comes back. */
let known: readonly string[] | null = null;

/** Every link of every job, the newest first; asked for when there may be news. */
export function useLinks() {
  const { jobs, round, notice } = useService();
  const [links, setLinks] = useState(known);
  const [problem, setProblem] = useState<string | null>(null);
  const [asked, setAsked] = useState<string | null>(null);
  // Another image that is complete makes another sum, or another job.
  const sum = jobs?.reduce((total, { complete }) => total + complete, 0);
  const news = `${round} ${jobs?.[0]?.id} ${sum}`;
  const pause = BUSY_MS + (links?.length ?? 0) / LINKS_PER_MS;

  usePolling({
    key: round,
    interval: asked === news && problem === null ? IDLE_MS : pause,
    ask: async () => ({ newest: (await api.links()).reverse(), news }),
    use: (answer) => {
      known = links !== null && isSame(links, answer.newest) ? links : answer.newest;
      setLinks(known);
      setAsked(answer.news);
      setProblem(null);
    },
    fail: (error) => {
      const failure = notice(error);
      setProblem(failure.problem);
      // What is kept is not shown to somebody who is not let in.
      if (failure.kind === 'unauthorized') setLinks((known = null));
    },
  });
  return { links, problem };
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a[0] === b[0] && a.at(-1) === b.at(-1);
}
