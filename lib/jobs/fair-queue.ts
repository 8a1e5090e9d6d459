import { Heap } from './heap';
import { Lane } from './lane';
import { Credential, Line } from './line';
import { SourceLimits, type Address, type Host } from './source-limits';

export interface QueueLimits {
  /** Images under way from one host. */
  readonly perHost: number;
  /** The same from one address, whatever the names are that lead there. */
  readonly perAddress: number;
  /** Images of one job under way, those that have lent their place included. */
  readonly perJob: number;
}

/** An image that may start. It counts for its host, its address and its job until `release`. */
export class Turn<J> {
  readonly job: J;
  readonly index: number;
  readonly lane: Lane<J>;
  isLent = false;

  constructor(lane: Lane<J>) {
    this.job = lane.line.job;
    this.index = lane.shift();
    this.lane = lane;
  }
}

/** What waits of one job, to be taken out as a whole. */
export type QueuedJob<J> = Line<J>;

/**
 * More than this is not looked at in one call, so that whatever has changed for thousands of jobs at
 * once does not hold up everything else.
 */
const MAX_LOOKS = 1000;
/** Of lanes that wait for a host, as many are compared: at least one has nothing under way then. */
const MAX_COMPARED = 64;

/**
 * Says which image is next: of all jobs the one with the fewest images under way, and among equals
 * the one that was served longest ago; within a job its hosts in turn.
 *
 * What cannot start waits at the one thing that stops it. A job of a credential that is shut is not
 * looked at, with all others of that credential. A lane (the images of one job from one host) that
 * finds no room is parked at its host; with room it is told so, and is the first of its job to be
 * tried. Every step costs about the same however many images, jobs or hosts wait.
 */
export class FairQueue<J> {
  readonly #limits: QueueLimits;
  readonly #sources: SourceLimits<J>;
  readonly #credentials = new Map<string, Credential<J>>();
  /** Credentials that are not shut and have lines, by their best line. */
  readonly #open = new Heap<Credential<J>>((one, other) => {
    const [a, b] = [one.lines.first, other.lines.first];
    return a !== undefined && b !== undefined && this.#isBefore(a, b);
  });
  /** Hosts with room that somebody was told of, who has not taken it yet. */
  readonly #offered = new Set<Host<J>>();
  #clock = 0;
  #size = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
    this.#sources = new SourceLimits(limits.perHost, limits.perAddress);
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
    const line = new Line(job, this.#credentialOf(credential), ++this.#clock);
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
    this.#rank(line);
    return line;
  }

  /**
   * The next image that may start; undefined if there is none; `later` if there may be one, but so
   * much had to be looked at that others should have the processor first.
   *
   * @param admits asked last, once for each image found; a credential whose job it refuses is shut
   *   until `reopen`.
   */
  next(admits: (job: J) => boolean): Turn<J> | 'later' | undefined {
    for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
      const line = this.#open.first?.lines.first;
      if (!line) return undefined;
      const lane = line.next;
      if (!lane) throw new Error('Expected a line with something to start');
      if (this.#sources.room(lane.host) <= 0) this.#park(lane);
      else if (admits(line.job)) return this.#take(lane);
      else this.#shut(line.credential);
    }
    return 'later';
  }

  /**
   * An image is not under way any more.
   *
   * @param back puts it back at once, before or behind its host's others.
   */
  release(turn: Turn<J>, back?: 'first' | 'last'): void {
    const { line, host } = turn.lane;
    if (turn.isLent) line.lent -= 1;
    else line.held -= 1;
    // Before anything of it is forgotten: what is known of its host is to be known the next time.
    if (back) this.#push(turn.lane, turn.index, back);
    this.#sources.end(host);
    this.#forgetImages(line.credential, 1);
    this.#passOn(host);
    this.#sources.forget(host);
    this.#rank(line);
  }

  /** Puts an image back that was released a while ago. */
  putBack({ lane, index }: Turn<J>): void {
    const { line } = lane;
    line.credential = this.#credentialOf(line.credential.key);
    if (lane.size === 0) lane.host = this.#sources.host(lane.host.name);
    this.#push(lane, index);
    this.#rank(line);
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
  leadsTo({ lane: { host } }: Turn<J>, address: string): boolean {
    const before = this.#sources.leads(host, address);
    if (before) this.#wakeWaiting(before);
    // There may be more room where it leads now.
    this.#wake(host);
    return !this.#sources.isOver(host);
  }

  /** Lets jobs of a credential that was refused be asked again. */
  reopen(key: string): void {
    const credential = this.#credentials.get(key);
    if (!credential?.isShut) return;
    credential.isShut = false;
    this.#rankCredential(credential);
    const hosts = [...credential.passedOver];
    credential.passedOver.clear();
    for (const host of hosts) this.#passOn(host);
  }

  /** Takes what waits of a job out of the queue. @returns the places of its images that waited. */
  remove(line: QueuedJob<J>): number[] {
    const indexes: number[] = [];
    for (const lane of line.lanes) {
      if (lane.size === 0) continue;
      const wasWoken = this.#leave(lane);
      indexes.push(...lane.clear());
      lane.host.lanes -= 1;
      // It will not take the room that it was told of.
      if (wasWoken) this.#passOn(lane.host);
      this.#sources.forget(lane.host);
    }
    this.#size -= indexes.length;
    this.#forgetImages(line.credential, indexes.length);
    this.#rank(line);
    return indexes.sort((a, b) => a - b);
  }

  /** A lent place weighs too, but a job of dead sources is not pushed back by all of its own. */
  #weight({ held, lent }: Line<J>): number {
    return held + Math.min(lent, this.#limits.perHost);
  }

  #isBefore(one: Line<J>, other: Line<J>): boolean {
    const [a, b] = [this.#weight(one), this.#weight(other)];
    return a === b ? one.since < other.since : a < b;
  }

  #credentialOf(key: string): Credential<J> {
    let credential = this.#credentials.get(key);
    if (!credential) {
      credential = new Credential(key, (one, other) => this.#isBefore(one, other));
      this.#credentials.set(key, credential);
    }
    return credential;
  }

  #push(lane: Lane<J>, index: number, where: 'first' | 'last' = 'last'): void {
    if (lane.size === 0) {
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
    line.wokenLast = this.#leave(lane);
    if (lane.size > 0) line.fresh.push(lane);
    else host.lanes -= 1;
    this.#sources.begin(host);
    // It may have taken the last room at its address.
    this.#sources.awaitAddress(host);
    line.held += 1;
    line.since = ++this.#clock;
    this.#size -= 1;
    this.#rank(line);
    if (line.held + line.lent === this.#limits.perJob) {
      // What this line was told of, others may have meanwhile.
      for (let woken = line.woken.first; woken; woken = woken.after) this.#passOn(woken.host);
    }
    return turn;
  }

  /** Takes a lane out of the list that it stands in. @returns whether it was told of room. */
  #leave(lane: Lane<J>): boolean {
    const { line, host, list } = lane;
    list?.remove(lane);
    if (host.parked?.get(line.credential)?.first === null) host.parked.delete(line.credential);
    if (list !== line.woken) return false;
    host.offers -= 1;
    if (host.offers === 0) this.#offered.delete(host);
    return true;
  }

  #park(lane: Lane<J>): void {
    const wasWoken = this.#leave(lane);
    this.#sources.park(lane, wasWoken);
    this.#rank(lane.line);
  }

  #shut(credential: Credential<J>): void {
    credential.isShut = true;
    this.#open.remove(credential);
    // Room that its lanes were told of may be what others wait for.
    for (const host of [...this.#offered]) this.#passOn(host);
  }

  /** Tells whoever waits for a host, or for the address that it leads to, of the room there. */
  #passOn(host: Host<J>): void {
    this.#wake(host);
    if (host.address) this.#wakeWaiting(host.address);
  }

  /** Tells lanes that are parked at a host of its room. @returns how many may take it. */
  #wake(host: Host<J>): number {
    if (!host.parked) return 0;
    const room = Math.max(0, this.#sources.room(host));
    let told = 0;
    while (told < room) {
      const lane = this.#nextParked(host);
      if (!lane) break;
      const { line } = lane;
      this.#leave(lane);
      line.woken.push(lane);
      host.offers += 1;
      this.#offered.add(host);
      // A line with as many under way as it may have takes no room, so another one is told too.
      if (line.held + line.lent < this.#limits.perJob) told += 1;
      this.#rank(line);
    }
    this.#sources.awaitAddress(host);
    return told;
  }

  /** Tells those that wait for an address of its room. */
  #wakeWaiting(address: Address<J>): void {
    let room = this.#sources.roomAt(address);
    // Those that still lack room wait again behind the others, and are not to be met twice.
    for (let hosts = address.waiting.size; hosts > 0 && room > 0; hosts -= 1) {
      const host = this.#sources.nextWaiting(address);
      if (host) room -= this.#wake(host);
    }
  }

  /** Of the lanes parked at a host, one of the job with the fewest under way. */
  #nextParked(host: Host<J>): Lane<J> | null {
    const { parked } = host;
    if (!parked) return null;
    for (const [credential, list] of parked) {
      if (credential.isShut) {
        credential.passedOver.add(host);
        continue;
      }
      let best = list.first;
      for (let lane = best, n = 0; lane && best && n < MAX_COMPARED; lane = lane.after, n += 1) {
        if (this.#weight(lane.line) < this.#weight(best.line)) best = lane;
        if (this.#weight(best.line) === 0) break;
      }
      // The next room is for another credential.
      if (parked.size > 1) {
        parked.delete(credential);
        parked.set(credential, list);
      }
      return best;
    }
    return null;
  }

  #count(turn: Turn<J>, isLent: boolean): void {
    if (turn.isLent === isLent) return;
    const { line } = turn.lane;
    const [held, lent] = isLent ? [-1, 1] : [1, -1];
    turn.isLent = isLent;
    line.held += held;
    line.lent += lent;
    this.#rank(line);
  }

  /** Gives a line its place among those of its credential, and the credential its own. */
  #rank(line: Line<J>): void {
    const { credential } = line;
    if (line.next && line.held + line.lent < this.#limits.perJob) credential.lines.place(line);
    else credential.lines.remove(line);
    this.#rankCredential(credential);
  }

  #rankCredential(credential: Credential<J>): void {
    if (credential.lines.first && !credential.isShut) this.#open.place(credential);
    else this.#open.remove(credential);
  }

  #forgetImages(credential: Credential<J>, images: number): void {
    credential.images -= images;
    if (credential.images > 0 || this.#credentials.get(credential.key) !== credential) return;
    this.#credentials.delete(credential.key);
  }
}
