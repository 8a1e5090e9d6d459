import { Heap, type HeapItem } from './heap';
import { LaneList, type Lane } from './lane';
import type { Host } from './source-limits';

/** What waits of one job, and how much of it is under way. */
export class Line<J> implements HeapItem {
  readonly job: J;
  credential: Credential<J>;
  /** One for each host. */
  lanes: readonly Lane<J>[] = [];
  /** Lanes whose host had no room and has some now: they are tried first. */
  readonly told = new LaneList<J>();
  /** Lanes whose host is not known to have no room, to be tried in turn. */
  readonly fresh = new LaneList<J>();
  /** Whether the latest image came from a told lane: the next one is a fresh one's. */
  toldLast = false;
  /** Images under way that hold a place, and those that have lent it. */
  held = 0;
  lent = 0;
  /** Whether the latest image that ended has failed. */
  hasFailed = false;
  /** When it was last served, or came: of lines with equally many under way the oldest is next. */
  since: number;
  slot = -1;

  constructor(job: J, credential: Credential<J>, since: number) {
    this.job = job;
    this.credential = credential;
    this.since = since;
  }

  /** The lane that is next in turn. */
  get next(): Lane<J> | null {
    const [one, other] = this.toldLast ? [this.fresh, this.told] : [this.told, this.fresh];
    return one.first ?? other.first;
  }
}

/** All jobs that upload with one credential. While Imgur pauses it, none of them is looked at. */
export class Credential<J> implements HeapItem {
  readonly key: string;
  /** The lines that may have something to start. */
  readonly lines: Heap<Line<J>>;
  /** Images that wait or are under way. */
  images = 0;
  isShut = false;
  /** Hosts that had room while it was shut, and lanes of it that wait for that. */
  readonly passedOver = new Set<Host<J>>();
  slot = -1;

  constructor(key: string, isBefore: (one: Line<J>, other: Line<J>) => boolean) {
    this.key = key;
    this.lines = new Heap(isBefore);
  }
}
