/** What one picture may hold without a question, so that small ones never wait. In bytes. */
const FREE_BYTES = 131_072;

/** The memory of one picture that is collected. */
export interface Account {
  /** Notes what has come. @returns false if no more may come until `goOn` is called, or at all. */
  add(bytes: number): boolean;
  close(): void;
}

interface Holder extends Account {
  bytes: number;
  isWaiting: boolean;
  readonly goOn: () => void;
}

/**
 * Bounds the memory of all pictures that have to be collected, as their sources say no length. Over
 * the limit only the one that came first goes on, so that there is always one that ends; the memory
 * in use is the limit, that picture, and a little for each that has just begun.
 */
export class MemoryBudget {
  readonly #limit: number;
  #used = 0;
  /** In order of their coming. There are as many as images under way, so they are few. */
  readonly #holders: Holder[] = [];

  /** @param limit in bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @param goOn called when more may come after a pause; it may add more at once. */
  open(goOn: () => void): Account {
    const holder: Holder = {
      bytes: 0,
      isWaiting: false,
      goOn,
      add: (bytes) => {
        if (!this.#holders.includes(holder)) return false;
        holder.bytes += bytes;
        this.#used += bytes;
        holder.isWaiting = !this.#mayGoOn(holder);
        return !holder.isWaiting;
      },
      close: () => {
        const at = this.#holders.indexOf(holder);
        if (at === -1) return;
        this.#holders.splice(at, 1);
        this.#used -= holder.bytes;
        this.#wake();
      },
    };
    this.#holders.push(holder);
    return holder;
  }

  #mayGoOn(holder: Holder): boolean {
    return this.#used <= this.#limit || holder.bytes <= FREE_BYTES || holder === this.#holders[0];
  }

  #wake(): void {
    for (const holder of [...this.#holders]) {
      if (!holder.isWaiting || !this.#mayGoOn(holder)) continue;
      holder.isWaiting = false;
      holder.goOn();
    }
  }
}
