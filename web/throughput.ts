import type { JobListItem } from '../lib/http/schemas';

export const BUCKET_MS = 10_000;
/** Five minutes. */
export const BUCKETS = 30;

/** Images done in each stretch of ten seconds, by the number of the stretch since 1970. */
export interface Throughput {
  readonly at: number | null;
  /** Images of each job that are complete or failed. */
  readonly done: ReadonlyMap<string, number>;
  readonly buckets: ReadonlyMap<number, number>;
}

export const NO_THROUGHPUT: Throughput = { at: null, done: new Map(), buckets: new Map() };

/**
 * Learns from a list of jobs what was done since the last one. Whatever happened while nobody looked
 * is spread evenly over the time in which it did.
 */
export function sampleThroughput(
  before: Throughput,
  jobs: readonly JobListItem[],
  now: number,
): Throughput {
  const oldest = Math.floor(now / BUCKET_MS) - BUCKETS;
  const done = new Map(jobs.map(({ id, complete, failed }) => [id, complete + failed]));
  const buckets = new Map([...before.buckets].filter(([bucket]) => bucket > oldest));
  for (const { id, created, finished } of jobs) {
    const count = (done.get(id) ?? 0) - (before.done.get(id) ?? 0);
    if (count <= 0) continue;
    const to = Math.min(finished === null ? now : Date.parse(finished), now);
    spread(Math.min(Math.max(Date.parse(created), before.at ?? 0), to), to, count);
  }
  return { at: now, done, buckets };

  function spread(from: number, to: number, count: number): void {
    const [first, last] = [Math.floor(from / BUCKET_MS), Math.floor(to / BUCKET_MS)];
    if (first === last) {
      add(last, count);
      return;
    }
    for (let bucket = Math.max(first, oldest); bucket <= last; bucket += 1) {
      const begin = Math.max(from, bucket * BUCKET_MS);
      const end = Math.min(to, (bucket + 1) * BUCKET_MS);
      add(bucket, (count * (end - begin)) / (to - from));
    }
  }

  function add(bucket: number, count: number): void {
    if (bucket > oldest) buckets.set(bucket, (buckets.get(bucket) ?? 0) + count);
  }
}

/** The last five minutes, oldest first: images done in each ten seconds. */
export function bars({ buckets }: Throughput, now: number): number[] {
  const last = Math.floor(now / BUCKET_MS);
  return Array.from({ length: BUCKETS }, (_, at) => buckets.get(last - BUCKETS + 1 + at) ?? 0);
}
