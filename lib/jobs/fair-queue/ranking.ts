import { Heap } from './heap';
import { Credential, type Line } from './line';

export interface RankingLimits {
  /** Images of one host under way. */
  readonly perHost: number;
  /** Images of one job under way, those that have lent their place included. */
  readonly perJob: number;
}

/** A job whose latest image has failed ranks as if it had so many more under way. */
const FAILED_WEIGHT = 8;
/**
 * How many starts of other jobs one image more under way is worth. A job of many or of failed images
 * lets the others go first, but not for ever.
 */
const STARTS_PER_WEIGHT = 100;

/**
 * Whose turn it is: of all jobs that have something to try, the one with the fewest images under
 * way, and among equals the one that was served longest ago. Images that come to nothing should not
 * hold up those that arrive, so a job that has just failed is pushed back a little. Jobs of a
 * credential that is shut are out of it all at once.
 */
export class Ranking<J> {
  readonly #limits: RankingLimits;
  readonly #credentials = new Map<string, Credential<J>>();
  /** Credentials that are not shut and have lines, by their best line. */
  readonly #open = new Heap<Credential<J>>((one, other) => {
    const [a, b] = [one.lines.first, other.lines.first];
    return a !== undefined && b !== undefined && this.isBefore(a, b);
  });

  constructor(limits: RankingLimits) {
    this.#limits = limits;
  }

  /** The line whose turn it is. */
  get first(): Line<J> | undefined {
    return this.#open.first?.lines.first;
  }

  credential(key: string): Credential<J> {
    let credential = this.#credentials.get(key);
    if (!credential) {
      credential = new Credential(key, (one, other) => this.isBefore(one, other));
      this.#credentials.set(key, credential);
    }
    return credential;
  }

  /** Gives a line its place anew, as what it has to try or under way is not what it was. */
  rank(line: Line<J>): void {
    const { credential } = line;
    if (line.next && !this.isFull(line)) credential.lines.place(line);
    else credential.lines.remove(line);
    this.#place(credential);
  }

  /** Takes a line out until it is ranked anew. */
  passOver(line: Line<J>): void {
    line.credential.lines.remove(line);
    this.#place(line.credential);
  }

  /** Whether the job has as many under way as it may have. */
  isFull({ held, lent }: Line<J>): boolean {
    return held + lent >= this.#limits.perJob;
  }

  /** Whether the job has lent as many places as one host may have. */
  hasLentMuch({ lent }: Line<J>): boolean {
    return lent >= this.#limits.perHost;
  }

  /**
   * How much the images under way weigh. Those that have lent their place do too, but a job of dead
   * sources is not pushed back by all of its own.
   */
  weight({ held, lent, hasFailed }: Line<J>): number {
    const underWay = held + Math.min(lent, this.#limits.perHost);
    return hasFailed ? underWay + FAILED_WEIGHT : underWay;
  }

  isBefore(one: Line<J>, other: Line<J>): boolean {
    return this.#rankOf(one) < this.#rankOf(other);
  }

  shut(credential: Credential<J>): void {
    credential.isShut = true;
    this.#place(credential);
  }

  /** @returns the credential, if it was shut. */
  reopen(key: string): Credential<J> | null {
    const credential = this.#credentials.get(key);
    if (!credential?.isShut) return null;
    credential.isShut = false;
    this.#place(credential);
    return credential;
  }

  /** So many images of a credential do not wait any more, nor are they under way. */
  forgetImages(credential: Credential<J>, images: number): void {
    credential.images -= images;
    if (credential.images > 0 || this.#credentials.get(credential.key) !== credential) return;
    this.#credentials.delete(credential.key);
  }

  /** It changes only with what is ranked anew: a heap needs that. */
  #rankOf(line: Line<J>): number {
    return line.since + STARTS_PER_WEIGHT * this.weight(line);
  }

  #place(credential: Credential<J>): void {
    if (credential.lines.first && !credential.isShut) this.#open.place(credential);
    else this.#open.remove(credential);
  }
}
