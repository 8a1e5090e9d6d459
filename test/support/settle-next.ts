import type { Claim, Result, WorkQueue } from '../../lib/jobs/work-queue';

/** What came of an image, for tests to which it does not matter. */
export const COMPLETE = {
  type: 'complete',
  link: 'https://i.imgur.com/a.png',
  bytes: 7,
  mime: 'image/png',
  durationMs: 12,
} as const satisfies Result;
export const FAIL = {
  type: 'fail',
  error: { code: 'empty', message: 'The source sent no bytes.', retryable: false },
  durationMs: 0,
} as const satisfies Result;
export const PUT_BACK = {
  type: 'release',
  counted: false,
  durationMs: 0,
  afterMs: null,
} as const satisfies Result;

/** Takes the next image on, which has to be there. */
export function claimNext(queue: WorkQueue): Claim {
  const claim = queue.next(() => true, false);
  if (!claim || claim === 'later') throw new Error('Expected an image that may start, got none');
  return claim;
}

/** Takes on the next images of a job, one for each result, and settles them like this. */
export async function settleNext(
  queue: WorkQueue,
  jobId: string,
  ...results: Result[]
): Promise<void> {
  const [own, others]: [Claim[], Claim[]] = [[], []];
  while (own.length < results.length) {
    const claim = claimNext(queue);
    (claim.jobId === jobId ? own : others).push(claim);
  }
  for (const [at, result] of results.entries()) await own[at]!.settle(result);
  for (const claim of others) await claim.settle(PUT_BACK);
}
