import type { ImageRecord } from '../jobs/job';
import type { Claim, Result, Settled } from '../jobs/work-queue';
import type { ClaimedImage } from './claim-images';
import { summaryOf } from './read-jobs';
import { NOTHING } from './settle-images';
import type { Answer, Settler } from './settler';

/** What the queue does for its claims. */
export interface ClaimDesk {
  readonly settler: Settler;
  /** @returns whether there is room at that address. */
  leadsTo(claim: PgClaim, address: string): boolean;
  /** Nothing more comes from its source. */
  leavesSource(claim: PgClaim): void;
  /** A place is lent or taken back. */
  lent(by: 1 | -1): void;
  /** The claim holds nothing any more. @param isBack whether its image waits again. */
  over(claim: PgClaim, isBack: boolean): void;
  /** How long an image waits whose source's address has no room, in milliseconds. */
  readonly crowdedMs: number;
}

export class PgClaim implements Claim {
  readonly image: ClaimedImage;
  /** Where its source leads, once that is known. Only the queue changes it. */
  address: string | null = null;
  readonly #desk: ClaimDesk;
  #isLent = false;
  #isCrowded = false;
  /** Whether a result is on its way to the database. */
  isSettling = false;

  constructor(image: ClaimedImage, desk: ClaimDesk) {
    this.image = image;
    this.#desk = desk;
  }

  get jobId(): string {
    return this.image.jobId;
  }
  get url(): string {
    return this.image.url;
  }
  get clientId(): string | null {
    return this.image.clientId;
  }
  get credential(): string {
    return this.image.gate;
  }
  get attempt(): number {
    return this.image.attempts + 1;
  }

  leadsTo(address: string): boolean {
    this.#isCrowded = !this.#desk.leadsTo(this, address);
    return !this.#isCrowded;
  }

  /** Its host has room again when the result is written: the count of the fleet is kept by the queue. */
  leaveSource(): void {
    this.#desk.leavesSource(this);
  }

  lend(): void {
    if (this.#isLent) return;
    this.#isLent = true;
    this.#desk.lent(1);
  }

  takeBack(): void {
    if (!this.#isLent) return;
    this.#isLent = false;
    this.#desk.lent(-1);
  }

  async settle(result: Result): Promise<Settled | undefined> {
    this.isSettling = true;
    let answer: Answer = null;
    try {
      answer = await this.#write(result);
      return answer ? this.#settled(result, answer) : undefined;
    } finally {
      this.takeBack();
      this.#desk.over(this, answer !== null && result.type === 'release');
    }
  }

  #write(result: Result): Promise<Answer> {
    const { job, idx, claims } = this.image;
    const { durationMs } = result;
    const { settler, crowdedMs } = this.#desk;
    if (result.type === 'release') {
      const { counted, afterMs } = result;
      return settler.giveBack({
        ...{ job, idx, claims, durationMs, counted },
        afterMs: afterMs ?? (this.#isCrowded ? crowdedMs : null),
      });
    }
    const outcome =
      result.type === 'complete'
        ? { ...uploaded(result), error: null }
        : { ...NOTHING, error: result.error };
    const counted = result.type === 'complete' || result.counted !== false;
    return settler.end({ job, idx, durationMs, counted, ...outcome });
  }

  #settled(result: Result, { written, finished }: NonNullable<Answer>): Settled {
    const { link, deletehash, bytes, mime, sourceMime } =
      result.type === 'complete' ? uploaded(result) : NOTHING;
    const image: ImageRecord = {
      url: this.url,
      status: STATUS_AFTER[result.type],
      ...{ link, deletehash, bytes, type: mime, sourceType: sourceMime },
      error: result.type === 'fail' ? result.error : null,
      attempts: written.attempts,
      durationMs: Number(written.duration_ms),
    };
    return { jobId: this.jobId, image, finished: finished && summaryOf(finished, 0) };
  }
}

function uploaded(result: Extract<Result, { type: 'complete' }>) {
  const { link, deletehash = null, bytes, mime, sourceMime = mime } = result;
  return { link, deletehash, bytes, mime, sourceMime };
}

const STATUS_AFTER = { complete: 'complete', fail: 'failed', release: 'pending' } as const;
