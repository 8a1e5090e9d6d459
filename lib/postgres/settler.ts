import { setTimeout as wait } from 'node:timers/promises';
import { isAway } from './away';
import type { Database } from './database';
import type { JobRow } from './read-jobs';
import {
  keyOf,
  settleImages,
  type FinalResult,
  type GivenBack,
  type Written,
} from './settle-images';

/** What was written of one image, and its job if that is over now; null if another result came first. */
export type Answer = { readonly written: Written; readonly finished: JobRow | null } | null;

type Entry = {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (why: unknown) => void;
} & (
  | { readonly kind: 'final'; readonly result: FinalResult }
  | { readonly kind: 'back'; readonly result: GivenBack }
);

const MOST_AT_ONCE = 500;
/** The first result waits for others as long as the latest batch took, and no longer than this. */
const GATHER_MOST_MS = 50;
/** While the database is away, it is asked so often. */
const RETRY_MS = 250;

/**
 * Writes results in batches, as one of ten costs little more than one of one. While the database is
 * away they are kept, and written once it is back.
 */
export class Settler {
  readonly #database: Database;
  readonly #worker: string;
  readonly #awaitsMore: () => boolean;
  #waiting: Entry[] = [];
  #isWriting = false;
  #tookMs = 0;
  /** Ends the wait for others. */
  #goOn: (() => void) | null = null;
  #givesUp = false;

  /** @param awaitsMore whether other results may come. */
  constructor(database: Database, worker: string, awaitsMore: () => boolean) {
    this.#database = database;
    this.#worker = worker;
    this.#awaitsMore = awaitsMore;
  }

  end(result: FinalResult): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#add({ kind: 'final', result, resolve, reject });
    });
  }

  giveBack(result: GivenBack): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#add({ kind: 'back', result, resolve, reject });
    });
  }

  /** From now on what cannot be written is lost: the leases of its images run out. */
  giveUp(): void {
    this.#givesUp = true;
  }

  #add(entry: Entry): void {
    this.#waiting.push(entry);
    if (!this.#awaitsMore()) this.#goOn?.();
    if (this.#isWriting) return;
    this.#isWriting = true;
    void this.#write();
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (this.#awaitsMore()) await this.#gather();
      const batch = this.#take();
      const startedAt = performance.now();
      try {
        await this.#settle(batch);
        this.#tookMs = performance.now() - startedAt;
      } catch (error) {
        if (isAway(error) && !this.#givesUp) {
          this.#waiting = [...batch, ...this.#waiting];
          await wait(RETRY_MS);
          continue;
        }
        for (const { reject } of batch) reject(error);
      }
    }
    this.#isWriting = false;
  }

  async #gather(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#goOn = resolve;
      timer = setTimeout(resolve, Math.min(this.#tookMs, GATHER_MOST_MS));
    });
    this.#goOn = null;
    clearTimeout(timer);
  }

  /** Of one image only one result: it may have come back to this worker after its lease had ended. */
  #take(): Entry[] {
    const [batch, rest]: [Entry[], Entry[]] = [[], []];
    const images = new Set<string>();
    for (const entry of this.#waiting) {
      const key = keyOf(entry.result);
      const isNext = batch.length < MOST_AT_ONCE && !images.has(key);
      images.add(key);
      (isNext ? batch : rest).push(entry);
    }
    this.#waiting = rest;
    return batch;
  }

  async #settle(batch: readonly Entry[]): Promise<void> {
    const finals = batch.flatMap((entry) => (entry.kind === 'final' ? entry.result : []));
    const back = batch.flatMap((entry) => (entry.kind === 'back' ? entry.result : []));
    const { ended, givenBack, finished } = await settleImages(
      this.#database,
      this.#worker,
      finals,
      back,
    );
    const written = new Map([...ended, ...givenBack].map((each) => [keyOf(each), each]));
    // The last one of its job tells that the job is over.
    for (const { result, resolve } of [...batch].reverse()) {
      const found = written.get(keyOf(result));
      const job = found && finished.get(result.job);
      if (job) finished.delete(result.job);
      resolve(found ? { written: found, finished: job ?? null } : null);
    }
  }
}
