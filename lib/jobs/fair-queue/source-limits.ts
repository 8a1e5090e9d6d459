import { LaneList, type Lane } from './lane';
import type { Credential } from './line';
import type { Turn } from './turn';

/** A host by its name. */
export interface Host<J> {
  readonly name: string;
  /** Images under way. */
  active: number;
  /** Lanes with something that waits for it. */
  lanes: number;
  /** Where the name leads, once that is known. */
  address: Address<J> | null;
  /** Lanes that found no room, apart by credential: a shut one's are passed over as a whole. */
  parked: Map<Credential<J>, LaneList<J>> | null;
  /** Lanes that were told that there is room, and have not had their turn yet. */
  offers: number;
}

/** Where one or many names lead. */
export interface Address<J> {
  readonly key: string;
  /** Hosts that lead here. */
  hosts: number;
  /** Images under way of all its hosts. */
  active: number;
  /** Hosts with lanes that found no room here. */
  readonly waiting: Set<Host<J>>;
}

/**
 * How much is under way from each host, and from each address whatever the names are that lead
 * there. A host is remembered while something waits for it or is under way, an address as long as a
 * host leads there or something is under way there.
 */
export class SourceLimits<J> {
  readonly #perHost: number;
  readonly #perAddress: number;
  readonly #hosts = new Map<string, Host<J>>();
  readonly #addresses = new Map<string, Address<J>>();

  constructor(perHost: number, perAddress: number) {
    this.#perHost = perHost;
    this.#perAddress = perAddress;
  }

  host(name: string): Host<J> {
    let host = this.#hosts.get(name);
    if (!host) {
      host = { name, active: 0, lanes: 0, address: null, parked: null, offers: 0 };
      this.#hosts.set(name, host);
    }
    return host;
  }

  /** How many more images of this host may start. */
  room({ active, address }: Host<J>): number {
    const ofHost = this.#perHost - active;
    return address ? Math.min(ofHost, this.roomAt(address)) : ofHost;
  }

  /** How many more images may start of all hosts that lead to this address. */
  roomAt({ active }: Address<J>): number {
    return this.#perAddress - active;
  }

  /** Counts a turn for its host, and for where that is known to lead. */
  begin(turn: Turn<J>): void {
    const { host } = turn.lane;
    host.active += 1;
    this.#count(turn, host.address);
  }

  /** @returns the address that it counted for. */
  end(turn: Turn<J>): Address<J> | null {
    const { address, lane } = turn;
    lane.host.active -= 1;
    this.#count(turn, null);
    return address;
  }

  /** Notes that a lane found no room: where it did, it is told of room. */
  park(lane: Lane<J>, isWoken: boolean): void {
    const { host, line } = lane;
    const parked = (host.parked ??= new Map<Credential<J>, LaneList<J>>());
    let list = parked.get(line.credential);
    if (!list) {
      list = new LaneList();
      parked.set(line.credential, list);
    }
    // Who was told of room, and came too late, has waited for longest.
    if (isWoken) list.unshift(lane);
    else list.push(lane);
    this.awaitAddress(host);
  }

  /** Notes that lanes parked at a host wait for room at its address, if that is what they lack. */
  awaitAddress(host: Host<J>): void {
    const { parked, address, active } = host;
    if (!address || !parked || parked.size === 0) return;
    if (this.#perHost - active > this.roomAt(address)) address.waiting.add(host);
  }

  /**
   * Notes where the host of a turn leads: the turn counts for that, and so do those that come.
   *
   * @returns the address that it counted for before, if that is another one.
   */
  leads(turn: Turn<J>, key: string): Address<J> | null {
    const { host } = turn.lane;
    if (host.address?.key !== key) {
      const address = this.#addresses.get(key) ?? { key, hosts: 0, active: 0, waiting: new Set() };
      this.#addresses.set(key, address);
      address.hosts += 1;
      if (host.address) this.#leave(host, host.address);
      host.address = address;
    }
    const before = turn.address;
    if (before === host.address) return null;
    this.#count(turn, host.address);
    return before;
  }

  /** Whether more are under way at the turn's address than may be. */
  isOver({ address }: Turn<J>): boolean {
    return address !== null && this.roomAt(address) < 0;
  }

  /** A host that waits for room at this address; it does not wait there any more. */
  nextWaiting({ waiting }: Address<J>): Host<J> | undefined {
    for (const host of waiting) {
      waiting.delete(host);
      return host;
    }
    return undefined;
  }

  /** Lets go of a host that nothing waits for and nothing comes from. */
  forget(host: Host<J>): void {
    if (host.active > 0 || host.lanes > 0) return;
    this.#hosts.delete(host.name);
    if (host.address) this.#leave(host, host.address);
  }

  #leave(host: Host<J>, address: Address<J>): void {
    address.waiting.delete(host);
    address.hosts -= 1;
    this.#forgetAddress(address);
  }

  #count(turn: Turn<J>, address: Address<J> | null): void {
    const before = turn.address;
    turn.address = address;
    if (address) address.active += 1;
    if (!before) return;
    before.active -= 1;
    this.#forgetAddress(before);
  }

  #forgetAddress({ key, hosts, active }: Address<J>): void {
    if (hosts === 0 && active === 0) this.#addresses.delete(key);
  }
}
