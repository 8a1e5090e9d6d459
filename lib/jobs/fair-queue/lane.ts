import type { Host } from './source-limits';
import type { Line } from './line';

/** The images of one job that come from one host, in order. It stands in one list at a time. */
export class Lane<J> {
  readonly line: Line<J>;
  host: Host<J>;
  list: LaneList<J> | null = null;
  before: Lane<J> | null = null;
  after: Lane<J> | null = null;
  /** Made with its first item in it: what is pushed into an empty array makes room for 16 more. */
  #indexes: number[] | null = null;
  /** Where the first one that waits stands; those before it have been taken. */
  #from = 0;

  constructor(line: Line<J>, host: Host<J>) {
    this.line = line;
    this.host = host;
  }

  /** How many images wait. */
  get size(): number {
    return this.#indexes ? this.#indexes.length - this.#from : 0;
  }

  push(index: number): void {
    if (this.#indexes) this.#indexes.push(index);
    else this.#indexes = [index];
  }

  unshift(index: number): void {
    if (!this.#indexes) {
      this.#indexes = [index];
    } else if (this.#from === 0) {
      this.#indexes.unshift(index);
    } else {
      this.#from -= 1;
      this.#indexes[this.#from] = index;
    }
  }

  shift(): number {
    const index = this.#indexes?.[this.#from];
    if (index === undefined) throw new Error('Expected a waiting image, found none');
    this.#from += 1;
    if (this.size === 0) this.clear();
    return index;
  }

  /** Empties it. @returns what waited. */
  clear(): number[] {
    const waiting = this.#indexes?.slice(this.#from) ?? [];
    this.#indexes = null;
    this.#from = 0;
    return waiting;
  }
}

/** A linked list: a lane leaves it from anywhere at once, and an empty one costs next to nothing. */
export class LaneList<J> {
  first: Lane<J> | null = null;
  #last: Lane<J> | null = null;

  push(lane: Lane<J>): void {
    lane.list = this;
    lane.before = this.#last;
    if (this.#last) this.#last.after = lane;
    else this.first = lane;
    this.#last = lane;
  }

  unshift(lane: Lane<J>): void {
    lane.list = this;
    lane.after = this.first;
    if (this.first) this.first.before = lane;
    else this.#last = lane;
    this.first = lane;
  }

  remove(lane: Lane<J>): void {
    if (lane.before) lane.before.after = lane.after;
    else this.first = lane.after;
    if (lane.after) lane.after.before = lane.before;
    else this.#last = lane.before;
    lane.list = null;
    lane.before = lane.after = null;
  }
}
