import type { Lane } from './lane';
import type { Ranking } from './ranking';
import type { Address, Host, SourceLimits } from './source-limits';

/** Of lanes that wait for a host, as many are compared: at least one has nothing under way then. */
const MAX_COMPARED = 64;

/**
 * Lanes that found no room at their host or its address, and what they are told of room there. Who
 * is told tries first, but may come too late, or not be able to take it: then others are told.
 */
export class Parking<J> {
  readonly #sources: SourceLimits<J>;
  readonly #ranking: Ranking<J>;
  /** Hosts with room that somebody was told of, who has not taken it yet. */
  readonly #offered = new Set<Host<J>>();

  constructor(sources: SourceLimits<J>, ranking: Ranking<J>) {
    this.#sources = sources;
    this.#ranking = ranking;
  }

  /** A lane waits for room from now on. */
  park(lane: Lane<J>): void {
    const wasTold = this.leave(lane);
    this.#sources.park(lane, wasTold);
    this.#ranking.rank(lane.line);
  }

  /** Takes a lane out of the list that it stands in. @returns whether it was told of room. */
  leave(lane: Lane<J>): boolean {
    const { line, host, list } = lane;
    list?.remove(lane);
    if (host.parked?.get(line.credential)?.first === null) host.parked.delete(line.credential);
    if (list !== line.told) return false;
    host.offers -= 1;
    if (host.offers === 0) this.#offered.delete(host);
    return true;
  }

  /** Tells whoever waits for a host, or for the address that it leads to, of the room there. */
  tell(host: Host<J>): void {
    this.#tellLanes(host);
    if (host.address) this.tellHosts(host.address);
  }

  /** Tells all others of room whose lanes may not take it now. */
  tellAgain(): void {
    for (const host of [...this.#offered]) this.tell(host);
  }

  /** Tells those that wait for an address of its room. */
  tellHosts(address: Address<J>): void {
    let room = this.#sources.roomAt(address);
    // Those that still lack room wait again behind the others, and are not to be met twice.
    for (let hosts = address.waiting.size; hosts > 0 && room > 0; hosts -= 1) {
      const host = this.#sources.nextWaiting(address);
      if (host) room -= this.#tellLanes(host);
    }
  }

  /** @returns how many lanes were told that may take the room. */
  #tellLanes(host: Host<J>): number {
    if (!host.parked) return 0;
    const room = Math.max(0, this.#sources.room(host));
    let told = 0;
    while (told < room) {
      const lane = this.#next(host);
      if (!lane) break;
      const { line } = lane;
      this.leave(lane);
      line.told.push(lane);
      host.offers += 1;
      this.#offered.add(host);
      // A job with as many under way as it may have takes no room, so another one is told too.
      if (!this.#ranking.isFull(line)) told += 1;
      this.#ranking.rank(line);
    }
    this.#sources.awaitAddress(host);
    return told;
  }

  /** Of the lanes parked at a host, one of the job with the fewest under way. */
  #next(host: Host<J>): Lane<J> | null {
    const { parked } = host;
    if (!parked) return null;
    for (const [credential, list] of parked) {
      if (credential.isShut) {
        credential.passedOver.add(host);
        continue;
      }
      let best = list.first;
      for (let lane = best, n = 0; lane && n < MAX_COMPARED; lane = lane.after, n += 1) {
        if (!best || this.#ranking.isBefore(lane.line, best.line)) best = lane;
        if (this.#ranking.weight(best.line) === 0) break;
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
}
