/** What one picture may hold without a question, so that small ones never wait. In bytes. */
const FREE_BYTES = 131_072;

/** The memory of one picture that is collected. */
export interface Account {
  /** Whether others wait for memory, and this one has more than a little of it. */
  readonly isInTheWay: boolean;
  /** Notes what has come. @returns false if no more may come until `goOn` is called, or at all. */
  add(bytes: number): boolean;
  close(): void;
}

/**
 * Bounds the memory of all pictures that have to be collected, as their sources say no length. Over
 * the limit only the one that came first goes on; the memory in use is the limit, that picture, and a
 * little for each that has just begun.
 *
 * There is always one that ends, as long as whoever waits here holds nothing that the first one needs.
 */
export class MemoryBudget {
  readonly #limit: number;
  #used = 0;
  /** In order of their coming. There are as many as images under way, so they are few. */
  readonly #holders: Holder[] = [];
  #waiting = 0;

  /** @param limit in bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @param goOn called when more may come after a pause; it may add more at once. */
  open(goOn: () => void): Account {
    const holder = new Holder(this, goOn);
    this.#holders.push(holder);
    return holder;
  }

  /** @returns whether the holder may go on. */
  add(holder: Holder, bytes: number): boolean {
    if (!this.#holders.includes(holder)) return false;
    holder.bytes += bytes;
    this.#used += bytes;
    this.#setWaiting(holder, !this.#mayGoOn(holder));
    return !holder.isWaiting;
  }

  close(holder: Holder): void {
    const at = this.#holders.indexOf(holder);
    if (at === -1) return;
    this.#holders.splice(at, 1);
    this.#used -= holder.bytes;
    this.#setWaiting(holder, false);
    for (const other of [...this.#holders]) {
      if (!other.isWaiting || !this.#mayGoOn(other)) continue;
      this.#setWaiting(other, false);
      other.goOn();
    }
  }

  isInTheWay(holder: Holder): boolean {
    return this.#waiting > 0 && !holder.isWaiting && holder.bytes > FREE_BYTES;
  }

  #mayGoOn(holder: Holder): boolean {
    return this.#used <= this.#limit || holder.bytes <= FREE_BYTES || holder === this.#holders[0];
  }

  #setWaiting(holder: Holder, isWaiting: boolean): void {
    if (holder.isWaiting === isWaiting) return;
    holder.isWaiting = isWaiting;
    this.#waiting += isWaiting ? 1 : -1;
  }
}

class Holder implements Account {
  readonly #budget: MemoryBudget;
  readonly goOn: () => void;
  bytes = 0;
  isWaiting = false;

  constructor(budget: MemoryBudget, goOn: () => void) {
    this.#budget = budget;
    this.goOn = goOn;
  }

  get isInTheWay(): boolean {
    return this.#budget.isInTheWay(this);
  }

  add(bytes: number): boolean {
    return this.#budget.add(this, bytes);
  }

  close(): void {
    this.#budget.close(this);
  }
}
