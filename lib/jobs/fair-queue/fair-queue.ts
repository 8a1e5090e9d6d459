import { Lane } from './lane';
import { Line } from './line';
import { Parking } from './parking';
import { Ranking, type RankingLimits } from './ranking';
import { SourceLimits } from './source-limits';
import { Turn } from './turn';

export interface QueueLimits extends RankingLimits {
  /** Images under way from one address, whatever the names are that lead there. */
  readonly perAddress: number;
}

/** What waits of one job, to be taken out as a whole. */
export type QueuedJob<J> = Line<J>;

/**
 * How many jobs one call looks at, at most. A change that concerns thousands of jobs must not hold
 * up everything else.
 */
const MAX_LOOKS = 1000;

/**
 * Says which image is next: one of the job whose turn it is by `Ranking`; within a job its hosts in
 * turn.
 *
 * What cannot start waits at the one thing that stops it. While a credential is shut, none of its
 * jobs is looked at. A lane (the images of one job from one host) that finds no room is parked at
 * its host. When there is room, the lane is told, and is the first of its job to be tried. Every
 * step costs about the same, however many images, jobs or hosts wait.
 */
export class FairQueue<J> {
  readonly #sources: SourceLimits<J>;
  readonly #ranking: Ranking<J>;
  readonly #parking: Parking<J>;
  #clock = 0;
  #size = 0;

  constructor(limits: QueueLimits) {
    this.#sources = new SourceLimits(limits.perHost, limits.perAddress);
    this.#ranking = new Ranking(limits);
    this.#parking = new Parking(this.#sources, this.#ranking);
  }

  /** How many images wait. */
  get size(): number {
    return this.#size;
  }

  /** Adds the images of a job. @param hosts where each comes from, by its place in the job. */
  add(
    job: J,
    credential: string,
    hosts: Iterable<readonly [index: number, host: string]>,
  ): QueuedJob<J> {
    const line = new Line(job, this.#ranking.credential(credential), ++this.#clock);
    const lanes = new Map<string, Lane<J>>();
    for (const [index, host] of hosts) {
      let lane = lanes.get(host);
      if (!lane) {
        lane = new Lane(line, this.#sources.host(host));
        lanes.set(host, lane);
      }
      this.#push(lane, index);
    }
    line.lanes = Array.from(lanes.values());
    this.#ranking.rank(line);
    return line;
  }

  /**
   * The next image that may start; undefined if there is none; `later` if there may be one, but so
   * much had to be looked at that others should have the processor first.
   *
   * @param admits asked last, once for each image found; a credential whose job it refuses is shut
   *   until `reopen`.
   * @param isTight whether hardly any more places can be lent: a job that has lent as many as one
   *   host may have gets no other one then.
   */
  next(admits: (job: J) => boolean, isTight = false): Turn<J> | 'later' | undefined {
    const passedOver: Line<J>[] = [];
    const next = this.#find(admits, isTight, passedOver);
    for (const line of passedOver) this.#ranking.rank(line);
    return next;
  }

  /** @param passedOver gets the jobs that have lent too much: they are out of the ranking for now. */
  #find(
    admits: (job: J) => boolean,
    isTight: boolean,
    passedOver: Line<J>[],
  ): Turn<J> | 'later' | undefined {
    for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
      const line = this.#ranking.first;
      if (!line) return undefined;
      if (isTight && this.#ranking.hasLentMuch(line)) {
        this.#ranking.passOver(line);
        passedOver.push(line);
        continue;
      }
      const lane = line.next;
      if (!lane) throw new Error('Expected a line with something to start');
      if (this.#sources.room(lane.host) <= 0) {
        this.#parking.park(lane);
      } else if (admits(line.job)) {
        return this.#take(lane);
      } else {
        this.#ranking.shut(line.credential);
        this.#parking.tellAgain();
      }
    }
    return 'later';
  }

  /** Notes whether an image under way came to something, before it is released. */
  ended({ lane }: Turn<J>, hasFailed: boolean): void {
    lane.line.hasFailed = hasFailed;
  }

  /**
   * An image is not under way any more.
   *
   * @param back puts it back at once, before or behind its host's others.
   */
  release(turn: Turn<J>, back?: 'first' | 'last'): void {
    const { line } = turn.lane;
    if (turn.isLent) line.lent -= 1;
    else line.held -= 1;
    // Before anything of it is forgotten: what is known of its host is to be known the next time.
    if (back) this.#push(turn.lane, turn.index, back);
    // Before others are told of room: a heap takes one change at a time.
    this.#ranking.rank(line);
    this.#ranking.forgetImages(line.credential, 1);
    if (!turn.hasLeftSource) this.#leave(turn);
  }

  /** Nothing more comes from the source of an image under way: others may start there. */
  leaveSource(turn: Turn<J>): void {
    turn.hasLeftSource = true;
    this.#leave(turn);
  }

  #leave(turn: Turn<J>): void {
    const { host } = turn.lane;
    const address = this.#sources.end(turn);
    this.#parking.tell(host);
    if (address && address !== host.address) this.#parking.tellHosts(address);
    this.#sources.forget(host);
  }

  /** Puts an image back that was released a while ago. */
  putBack({ lane, index }: Turn<J>): void {
    const { line } = lane;
    line.credential = this.#ranking.credential(line.credential.key);
    this.#push(lane, index);
    this.#ranking.rank(line);
  }

  /** An image under way holds no place for now; it counts for less, but for its limits as before. */
  lend(turn: Turn<J>): void {
    this.#count(turn, true);
  }

  /** It holds a place again. */
  takeBack(turn: Turn<J>): void {
    this.#count(turn, false);
  }

  /**
   * Notes where the host of an image under way leads to.
   *
   * @returns false if so many are under way there that this image has to be put back.
   */
  leadsTo(turn: Turn<J>, address: string): boolean {
    const before = this.#sources.leads(turn, address);
    if (before) this.#parking.tellHosts(before);
    // There may be more room where it leads now.
    this.#parking.tell(turn.lane.host);
    return !this.#sources.isOver(turn);
  }

  /** Lets jobs of a credential that was refused be asked again. */
  reopen(key: string): void {
    const credential = this.#ranking.reopen(key);
    if (!credential) return;
    const hosts = [...credential.passedOver];
    credential.passedOver.clear();
    for (const host of hosts) this.#parking.tell(host);
  }

  /** Takes what waits of a job out of the queue. @returns the places of its images that waited. */
  remove(line: QueuedJob<J>): number[] {
    const indexes: number[] = [];
    for (const lane of line.lanes) {
      if (lane.size === 0) continue;
      const wasTold = this.#parking.leave(lane);
      indexes.push(...lane.clear());
      lane.host.lanes -= 1;
      // It will not take the room that it was told of.
      if (wasTold) this.#parking.tell(lane.host);
      this.#sources.forget(lane.host);
    }
    this.#size -= indexes.length;
    this.#ranking.forgetImages(line.credential, indexes.length);
    this.#ranking.rank(line);
    return indexes.sort((a, b) => a - b);
  }

  #push(lane: Lane<J>, index: number, where: 'first' | 'last' = 'last'): void {
    if (lane.size === 0) {
      // It may have been forgotten meanwhile.
      lane.host = this.#sources.host(lane.host.name);
      lane.host.lanes += 1;
      if (where === 'first') lane.line.fresh.unshift(lane);
      else lane.line.fresh.push(lane);
    }
    if (where === 'first') lane.unshift(index);
    else lane.push(index);
    lane.line.credential.images += 1;
    this.#size += 1;
  }

  #take(lane: Lane<J>): Turn<J> {
    const { line, host } = lane;
    const turn = new Turn(lane);
    line.toldLast = this.#parking.leave(lane);
    if (lane.size > 0) line.fresh.push(lane);
    else host.lanes -= 1;
    this.#sources.begin(turn);
    // It may have taken the last room at its address.
    this.#sources.awaitAddress(host);
    line.held += 1;
    line.since = ++this.#clock;
    this.#size -= 1;
    this.#ranking.rank(line);
    if (this.#ranking.isFull(line)) {
      // What this job was told of, others may have meanwhile.
      for (let told = line.told.first; told; told = told.after) this.#parking.tell(told.host);
    }
    return turn;
  }

  #count(turn: Turn<J>, isLent: boolean): void {
    if (turn.isLent === isLent) return;
    const { line } = turn.lane;
    const [held, lent] = isLent ? [-1, 1] : [1, -1];
    turn.isLent = isLent;
    line.held += held;
    line.lent += lent;
    this.#ranking.rank(line);
  }
}
