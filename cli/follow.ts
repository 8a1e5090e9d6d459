import type { JobView } from '../lib/http/schemas';
import type { Interrupts } from './interrupts';
import type { ProgressBar } from './progress';
import { Unreachable, type ServiceClient } from './service-client';

export interface FollowParts {
  readonly client: ServiceClient;
  readonly bar: ProgressBar;
  readonly interrupts: Interrupts;
  /** Whether somebody sits at a terminal and can be asked. */
  readonly interactive: boolean;
  readonly print: (line: string) => void;
  /** Where each job is put as it was seen last: all that is known once the service is gone. */
  readonly seen: Map<string, JobView>;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 1000;
/** A service that is away for longer than this is given up. */
const PATIENCE_MS = 15_000;

/**
 * Watches jobs until they are complete.
 *
 * @returns `left` if whoever watches wants to leave while they go on.
 * @throws {Unreachable} if the service stays away, {Refused} if it forgot a job.
 */
export async function follow(ids: readonly string[], parts: FollowParts): Promise<'done' | 'left'> {
  const { client, bar, interrupts, interactive, print, seen: jobs } = parts;
  const startedAt = performance.now();
  let answeredAt = startedAt;
  let pausedUntil: string | null = null;
  try {
    for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 1.3, LONGEST_DELAY_MS)) {
      try {
        await look();
        answeredAt = performance.now();
      } catch (error) {
        const isAway = error instanceof Unreachable;
        if (!isAway || performance.now() - answeredAt > PATIENCE_MS) throw error;
      }
      if (isDone()) return 'done';
      await interrupts.wait(delayMs);
      if (!interrupts.take()) continue;
      bar.clear();
      const wish = interactive ? await ask() : 'leave';
      if (wish === 'leave') return 'left';
      if (wish === 'cancel') await cancel();
      delayMs = FIRST_DELAY_MS;
    }
  } finally {
    bar.clear();
  }

  function isDone(): boolean {
    return ids.every((id) => jobs.get(id)?.status === 'complete');
  }

  async function look(): Promise<void> {
    const counted = (): number => [...jobs.values()].reduce((sum, job) => sum + doneOf(job), 0);
    const before = counted();
    for (const id of ids) {
      if (jobs.get(id)?.status !== 'complete') jobs.set(id, await client.job(id));
    }
    // Where nothing moves, the reason may be a pause that Imgur asked for.
    const moves = counted() > before || performance.now() - startedAt < LONGEST_DELAY_MS;
    pausedUntil = moves ? null : await askPausedUntil();
    show();
  }

  /** Only a hint: whatever speaks against it is told by the jobs themselves. */
  async function askPausedUntil(): Promise<string | null> {
    try {
      return (await client.health()).pausedUntil;
    } catch {
      return null;
    }
  }

  function show(): void {
    const all = [...jobs.values()].map(({ uploaded }) => uploaded);
    const sum = (of: (one: JobView['uploaded']) => number): number =>
      all.reduce((total, one) => total + of(one), 0);
    const complete = sum((one) => one.complete.length);
    const failed = sum((one) => one.failed.length);
    const total = complete + failed + sum((one) => one.pending.length);
    bar.show({ total, complete, failed, elapsedMs: performance.now() - startedAt, pausedUntil });
  }

  async function ask(): Promise<'cancel' | 'leave' | 'go on'> {
    const what = ids.length === 1 ? 'the job' : `the ${ids.length} jobs`;
    const answer = await interrupts.ask(`Cancel ${what}? [y/N] (Ctrl-C again: leave it running) `);
    if (answer === null) return 'leave';
    return /^y(?:es)?$/i.test(answer.trim()) ? 'cancel' : 'go on';
  }

  async function cancel(): Promise<void> {
    for (const id of ids) await client.cancel(id);
    print(ids.length === 1 ? 'Cancelled.' : `Cancelled ${ids.length} jobs.`);
  }
}

function doneOf({ uploaded }: JobView): number {
  return uploaded.complete.length + uploaded.failed.length;
}
