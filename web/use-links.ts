import { useState } from 'preact/hooks';
import { api } from './api';
import { countedOf, jobsWithNews, withNews, type Counted } from './link-news';
import { JOBS_SHOWN, useService } from './service';
import { usePolling } from './use-polling';

const BUSY_MS = 3000;
const IDLE_MS = 60_000;
/** All links are asked for again the more rarely the more they are. */
const IDLE_MS_PER_LINK = 6;

/** What was known when the gallery was left, so that it is there at once when somebody comes back. */
let known: readonly string[] | null = null;
let counted: Counted | null = null;

/** One of them is gone: the next question is for all. */
export function oneLinkGone(): void {
  counted = null;
}

/** Every link of every job, the newest first: all of them once, and then those of jobs with news. */
export function useLinks() {
  const { jobs, round, notice } = useService();
  const [links, setLinks] = useState(known);
  const [problem, setProblem] = useState<string | null>(null);
  const [asked, setAsked] = useState<string | null>(null);
  // Another image that is complete makes another sum, or another job.
  const sum = jobs?.reduce((total, { complete }) => total + complete, 0);
  const news = `${round} ${jobs?.[0]?.id} ${sum}`;
  const isIdle = asked === news && problem === null;

  usePolling({
    key: round,
    interval: isIdle ? IDLE_MS + (links?.length ?? 0) * IDLE_MS_PER_LINK : BUSY_MS,
    ask: async () => {
      // With nothing new in the jobs that are listed, there may be some in others.
      const listed = jobs ?? (await api.jobs(JOBS_SHOWN));
      const ids = isIdle ? null : jobsWithNews(counted, listed);
      const found = ids === null ? await api.links() : (await Promise.all(ids.map(linksOf))).flat();
      return { found, isAll: ids === null, news, counted: countedOf(listed) };
    },
    use: ({ found, isAll, ...answer }) => {
      known = withNews(known ?? [], found, isAll);
      counted = answer.counted;
      setLinks(known);
      setAsked(answer.news);
      setProblem(null);
    },
    fail: (error) => {
      const failure = notice(error);
      setProblem(failure.problem);
      counted = null;
      // What is kept is not shown to somebody who is not let in.
      if (failure.kind === 'unauthorized') setLinks((known = null));
    },
  });
  return { links, problem };
}

async function linksOf(id: string): Promise<string[]> {
  return (await api.job(id)).uploaded.complete;
}
