/** Many honest names share the address of a CDN: there, this many times what one name may have. */
const NAMES_PER_ADDRESS = 4;

/** How much of this process is under way at each address, whatever the names are that lead there. */
export class AddressCounts {
  readonly #most: number;
  readonly #counts = new Map<string, number>();

  constructor(perHost: number) {
    this.#most = NAMES_PER_ADDRESS * perHost;
  }

  /** Counts an image for another address than before; null for none. @returns the new one. */
  move(before: string | null, after: string | null): string | null {
    if (before !== null) this.#add(before, -1);
    if (after !== null) this.#add(after, 1);
    return after;
  }

  isOver(address: string): boolean {
    return (this.#counts.get(address) ?? 0) > this.#most;
  }

  #add(address: string, by: 1 | -1): void {
    const count = (this.#counts.get(address) ?? 0) + by;
    if (count > 0) this.#counts.set(address, count);
    else this.#counts.delete(address);
  }
}
