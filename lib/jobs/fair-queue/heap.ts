/** What stands in a heap remembers where, so that it is found again at once. */
export interface HeapItem {
  /** -1 while it is in no heap. Only the heap writes it. */
  slot: number;
}

/**
 * A binary heap whose items may change their rank or leave at any time, each in O(log n). Libraries
 * of heaps look an item up by walking through all of them.
 */
export class Heap<T extends HeapItem> {
  readonly #items: T[] = [];
  readonly #isBefore: (one: T, other: T) => boolean;

  constructor(isBefore: (one: T, other: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  /** Puts an item where it belongs: one that is new here, or one whose rank has changed. */
  place(item: T): void {
    if (item.slot === -1) {
      item.slot = this.#items.length;
      this.#items.push(item);
    }
    this.#rise(item);
    this.#sink(item);
  }

  /** Takes an item out, if it is here at all. */
  remove(item: T): void {
    if (item.slot === -1) return;
    const last = this.#items.pop();
    if (last && last !== item) {
      this.#put(last, item.slot);
      item.slot = -1;
      this.place(last);
    }
    item.slot = -1;
  }

  #rise(item: T): void {
    while (item.slot > 0) {
      const parent = this.#items[(item.slot - 1) >> 1];
      if (!parent || !this.#isBefore(item, parent)) return;
      this.#swap(parent, item);
    }
  }

  #sink(item: T): void {
    for (;;) {
      const left = this.#items[2 * item.slot + 1];
      const right = this.#items[2 * item.slot + 2];
      const child = left && right && this.#isBefore(right, left) ? right : left;
      if (!child || !this.#isBefore(child, item)) return;
      this.#swap(item, child);
    }
  }

  #swap(upper: T, lower: T): void {
    const at = upper.slot;
    this.#put(upper, lower.slot);
    this.#put(lower, at);
  }

  #put(item: T, slot: number): void {
    this.#items[slot] = item;
    item.slot = slot;
  }
}
