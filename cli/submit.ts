import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Refused, type ServiceClient } from './service-client';
import type { Item } from './url-list';

/** A job of this run. */
export interface Submitted {
  readonly id: string;
  readonly urls: readonly string[];
}

/** The service does not take a list; the lines say why, each bad item by where it was given. */
export class NotTaken extends Error {
  override readonly name = 'NotTaken';

  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
  }
}

export interface SubmitOptions {
  readonly clientId: string | null;
  /** Told of each job: an error may come after the first of several. */
  readonly onAccepted: (job: Submitted) => void;
  /** Told before each wait for room in the queue. */
  readonly onWait: (seconds: number, why: string) => void;
}

/** About five minutes at what the service asks for. */
const MOST_TRIES = 30;

/**
 * Submits a list: in one job, or in halves where that is more than a job may hold.
 *
 * @throws {NotTaken} if the service refuses it.
 */
export async function submit(
  client: ServiceClient,
  items: readonly Item[],
  options: SubmitOptions,
): Promise<void> {
  try {
    const id = await submitOne(client, items, options);
    options.onAccepted({ id, urls: items.map(({ url }) => url) });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const isTooMuch = error.status === 413 && items.length > 1;
    if (!isTooMuch) throw new NotTaken(refusalLines(error, items));
    const half = Math.ceil(items.length / 2);
    await submit(client, items.slice(0, half), options);
    await submit(client, items.slice(half), options);
  }
}

async function submitOne(
  client: ServiceClient,
  items: readonly Item[],
  { clientId, onWait }: SubmitOptions,
): Promise<string> {
  const urls = items.map(({ url }) => url);
  const onceKey = randomUUID();
  for (let tries = 1; ; tries += 1) {
    try {
      return (await client.submit(urls, clientId, onceKey)).jobId;
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 503 || tries === MOST_TRIES) throw error;
      const seconds = error.retryAfter ?? 10;
      onWait(seconds, error.message);
      await wait(seconds * 1000);
    }
  }
}

function refusalLines({ message, status, problem }: Refused, items: readonly Item[]): string[] {
  const advice = status === 401 ? ' Set IMAGE_RELAY_KEY, or give --key.' : '';
  const errors = (problem.errors ?? []).map(({ pointer, detail }) => {
    const index = /^\/urls\/(\d+)$/.exec(pointer)?.[1];
    const item = index === undefined ? undefined : items[Number(index)];
    return `  ${item?.where ?? (pointer || 'the request')}: ${detail}`;
  });
  return [`${message}${advice}`, ...errors];
}
