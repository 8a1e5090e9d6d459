import type { Logger } from '../logger';
import type { Claim, Settled, WorkQueue } from '../jobs/work-queue';
import { AddressCounts } from './address-counts';
import { isAway } from './away';
import { claimImages } from './claim-images';
import type { Database } from './database';
import { PgClaim, type ClaimDesk } from './pg-claim';
import { Settler } from './settler';

export interface PgQueueParts {
  readonly database: Database;
  /** For results alone, so that none waits for a claim. */
  readonly results: Database;
  /** The id of this process among the others. */
  readonly worker: string;
  readonly concurrency: number;
  readonly concurrencyPerSource: number;
  readonly log: Logger;
}

/** Whoever has room asks so often, also when it hears of nothing. */
const POLL_MS = 500;
/**
 * A claim of one image costs nearly what one of ten does. So the first place that is free waits for
 * others, for a part of the time that the latest claim took: long where that is long, by many
 * processes or by a long way. Images that begin together mostly end together, and do so again.
 */
const GATHER_SHARE = 0.5;
const GATHER_MOST_MS = 100;
/** Who found nothing waits so long, at least: of many idle workers only few get what is new. */
const NOTHING_MS = 10;
/** What is to be tried again is seen to so often, at most. */
const WAKE_MS = 100;
/** A stop does not wait for longer than this for a database that is away. */
const GIVE_UP_MS = 2000;
const CROWDED_MS = 500;
const PUT_BACK = { type: 'release', counted: false, durationMs: 0, afterMs: null } as const;

/**
 * The queue of the fleet, as one worker sees it: images are claimed in batches of as many as places
 * are free, and `next` gives them out.
 */
export class PgQueue implements WorkQueue {
  readonly isLasting = true;
  /** The queue is never known to be empty: another process may add to it. */
  readonly isEmpty = false;
  readonly #parts: PgQueueParts;
  readonly #desk: ClaimDesk;
  readonly #settler: Settler;
  /** Claimed, and not given out yet; the next one is at the end. */
  #fetched: PgClaim[] = [];
  /** Claimed and not settled, given out or not. */
  readonly #held = new Set<PgClaim>();
  /** Whether a claim may have succeeded that this process does not know of. */
  #isAnswerLost = false;
  #fence = 0;
  readonly #shut = new Set<string>();
  readonly #addresses: AddressCounts;
  readonly #readyListeners: (() => void)[] = [];
  readonly #cancelListeners: ((jobId: string) => void)[] = [];
  #lent = 0;
  #isFetching = false;
  /** The claim that is on its way, with all that follows from it. */
  #claiming: Promise<void> = Promise.resolve();
  /** Whether the latest claim was answered, and found nothing. */
  #foundNothing = false;
  /** Whether something was asked for or came while a claim was on its way. */
  #isStale = false;
  #timer: NodeJS.Timeout | undefined;
  #claimedAt = -Infinity;
  #claimTookMs = 0;
  #wokenAt = -Infinity;
  /** Since when more is asked for than the latest claim was to bring. */
  #freeSince: number | null = null;
  #gathering: NodeJS.Timeout | undefined;
  #isClosed = false;
  #givenBack = 0;

  constructor(parts: PgQueueParts) {
    this.#parts = parts;
    this.#addresses = new AddressCounts(parts.concurrencyPerSource);
    this.#settler = new Settler(parts.results, parts.worker, () => this.#awaitsResults);
    this.#desk = {
      settler: this.#settler,
      crowdedMs: CROWDED_MS,
      leadsTo: (claim, address) => {
        claim.address = this.#addresses.move(claim.address, address);
        return !this.#addresses.isOver(address);
      },
      leavesSource: (claim) => {
        claim.address = this.#addresses.move(claim.address, null);
      },
      lent: (by) => (this.#lent += by),
      over: (claim, isBack) => {
        this.#held.delete(claim);
        if (isBack && this.#isClosed) this.#givenBack += 1;
        claim.address = this.#addresses.move(claim.address, null);
      },
    };
  }

  /** A claim that did not look for what is due again says nothing of it. */
  get #hasWoken(): boolean {
    return this.#wokenAt === this.#claimedAt;
  }

  /** Claims of a lower number are over, whatever becomes of them. */
  get fence(): number {
    return this.#fence;
  }

  /** Whether something is claimed that has no result yet. */
  get #awaitsResults(): boolean {
    for (const { isSettling } of this.#held) if (!isSettling) return true;
    return false;
  }

  /** What is under way here. */
  get inFlight(): number {
    return this.#held.size - this.#fetched.length;
  }

  /** Whether nothing is under way here, and there was nothing to begin when it was last asked for. */
  get isIdle(): boolean {
    return this.#foundNothing && this.#held.size === 0 && !this.#isStale;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** How many images went back to the queue since it was closed. */
  get givenBack(): number {
    return this.#givenBack;
  }

  /** The jobs of what is under way and has no result yet. */
  get jobIds(): string[] {
    const claims = [...this.#held].filter(({ isSettling }) => !isSettling);
    return [...new Set(claims.map(({ jobId }) => jobId))];
  }

  next(admits: (credential: string) => boolean): Claim | undefined {
    if (this.#isClosed) return undefined;
    for (let claim = this.#fetched.pop(); claim; claim = this.#fetched.pop()) {
      if (!this.#shut.has(claim.credential) && admits(claim.credential)) {
        return claim;
      }
      // It holds room of its source that others can use meanwhile.
      this.#shut.add(claim.credential);
      void this.#return(claim);
    }
    this.#fetch();
    return undefined;
  }

  reopen(credential: string): void {
    this.#shut.delete(credential);
  }

  onReady(listener: () => void): void {
    this.#readyListeners.push(listener);
  }

  onCancel(listener: (jobId: string) => void): void {
    this.#cancelListeners.push(listener);
  }

  /** There may be something to claim. */
  wake(): void {
    if (this.#isFetching) this.#isStale = true;
    else for (const listener of this.#readyListeners) listener();
  }

  /** A job is over, by whomever: what is under way of it need not go on. */
  ended(jobId: string): void {
    for (const listener of this.#cancelListeners) listener(jobId);
  }

  /** Gives back what is claimed; what is put back later goes on elsewhere as well. */
  async close(): Promise<Settled[]> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#gathering);
    const givenUp = new Promise<void>((resolve) => setTimeout(resolve, GIVE_UP_MS).unref());
    void givenUp.then(() => this.#settler.giveUp());
    await Promise.allSettled(this.#fetched.splice(0).map((claim) => this.#return(claim)));
    // What is claimed just now goes back as well.
    await Promise.race([this.#claiming, givenUp]);
    return [];
  }

  async #return(claim: PgClaim): Promise<void> {
    try {
      await claim.settle(PUT_BACK);
    } catch (error) {
      const { jobId, url } = claim;
      this.#parts.log.debug({ jobId, url, error }, 'claim not given back');
    }
  }

  #fetch(): void {
    const most = this.#parts.concurrency - (this.#held.size - this.#lent);
    if (most <= 0) return;
    this.#freeSince ??= performance.now();
    if (this.#isFetching) {
      this.#isStale = true;
      return;
    }
    const earlyMs = this.#nextClaimAt(this.#freeSince) - performance.now();
    if (earlyMs > 0) {
      this.#gathering ??= setTimeout(() => {
        this.#gathering = undefined;
        this.wake();
      }, earlyMs);
      return;
    }
    this.#freeSince = null;
    this.#claimedAt = performance.now();
    this.#isFetching = true;
    this.#isStale = false;
    clearTimeout(this.#timer);
    this.#claiming = this.#claim(most).then((found) => {
      this.#isFetching = false;
      this.#claimTookMs = performance.now() - this.#claimedAt;
      if (this.#isClosed) return;
      // What was let go meanwhile may have made room; whoever found something may find more.
      if (found > 0 || this.#isStale) this.wake();
      else this.#timer = setTimeout(() => this.wake(), this.#hasWoken ? POLL_MS : WAKE_MS);
    });
  }

  #nextClaimAt(freeSince: number): number {
    // Nobody else's place is about to be free.
    if (this.#held.size === 0) return this.#foundNothing ? this.#claimedAt + NOTHING_MS : freeSince;
    return freeSince + Math.min(GATHER_SHARE * this.#claimTookMs, GATHER_MOST_MS);
  }

  async #claim(most: number): Promise<number> {
    const { database, worker, concurrencyPerSource: perHost, log } = this.#parts;
    const shut = [...this.#shut];
    const known = this.#isAnswerLost ? [...this.#held].map(({ image }) => image) : null;
    const wakes = this.#claimedAt - this.#wokenAt >= WAKE_MS;
    if (wakes) this.#wokenAt = this.#claimedAt;
    const who = { worker, fence: this.#fence };
    try {
      const images = await claimImages(database, { ...who, most, perHost, shut, known, wakes });
      this.#isAnswerLost = false;
      this.#foundNothing = images.length === 0;
      const claims = images.map((image) => new PgClaim(image, this.#desk));
      for (const claim of claims) this.#held.add(claim);
      if (this.#isClosed) await Promise.all(claims.map((claim) => this.#return(claim)));
      else this.#fetched = [...claims.reverse(), ...this.#fetched];
      return claims.length;
    } catch (error) {
      this.#isStale = false;
      this.#foundNothing = false;
      this.#isAnswerLost = true;
      this.#fence += 1;
      if (!isAway(error)) log.error({ error }, 'claim failed');
      return 0;
    }
  }
}
