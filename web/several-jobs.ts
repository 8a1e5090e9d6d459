/** A body may have 1 MiB; what stands around the URLs has its room too. */
const MOST_BYTES = 1_000_000;

/**
 * Cuts a list into as many jobs as the service needs for it, in the same order.
 *
 * @param most URLs in one job; null while that is not known.
 */
export function severalJobs(urls: readonly string[], most: number | null): string[][] {
  const jobs: string[][] = [];
  let bytes = 0;
  for (const url of urls) {
    const size = new TextEncoder().encode(JSON.stringify(url)).length + 1;
    const last = jobs.at(-1);
    if (!last || last.length === most || bytes + size > MOST_BYTES) {
      jobs.push([url]);
      bytes = size;
    } else {
      last.push(url);
      bytes += size;
    }
  }
  return jobs;
}
