import type { JobListItem } from '../lib/http/schemas';

/** Above this many, one question for all links costs less than one for each job. */
const MOST_JOBS = 8;

/** Images complete of each job that was listed when the links were last asked for. */
export type Counted = ReadonlyMap<string, number>;

export const countedOf = (jobs: readonly JobListItem[]): Counted =>
  new Map(jobs.map(({ id, complete }) => [id, complete]));

/**
 * Which jobs have links that are not known yet.
 *
 * @returns null where only the list of all links tells: none is known, links have gone, or it is too
 *   many jobs.
 */
export function jobsWithNews(counted: Counted | null, jobs: readonly JobListItem[]) {
  if (counted === null) return null;
  const before = ({ id }: JobListItem): number => counted.get(id) ?? 0;
  if (jobs.some((job) => job.complete < before(job))) return null;
  const news = jobs.filter((job) => job.complete > before(job));
  return news.length > MOST_JOBS ? null : news.map(({ id }) => id);
}

/**
 * Puts what is new before what was known, and leaves that as it stands: nobody loses their place.
 *
 * @param known the newest first.
 * @param found in order of completion.
 * @param isAll whether what is not among the found has gone.
 */
export function withNews(
  known: readonly string[],
  found: readonly string[],
  isAll: boolean,
): readonly string[] {
  const [before, now] = [new Set(known), new Set(found)];
  const fresh = found.filter((link) => !before.has(link)).reverse();
  const stay = isAll ? known.filter((link) => now.has(link)) : known;
  return fresh.length === 0 && stay.length === known.length ? known : [...fresh, ...stay];
}
