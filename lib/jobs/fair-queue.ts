import Denque from 'denque';

/** One image that waits: the job it belongs to, its place there and the host it comes from. */
export interface QueuedImage<J> {
  readonly job: J;
  readonly index: number;
  readonly host: string;
}

interface Line<J> {
  readonly job: J;
  /** What waits, by source host. */
  readonly byHost: Map<string, Denque<number>>;
  /** Hosts with something waiting that are not known to be full, to be taken in turn. */
  readonly hosts: Denque<string>;
  inTurn: boolean;
  gated: boolean;
  removed: boolean;
}

interface Host<J> {
  active: number;
  /** Lines with images of this host that found it full. */
  readonly waiting: Denque<Line<J>>;
}

/**
 * Takes images in turn from all jobs, and within a job in turn from its source hosts, with at most
 * `perHost` images of one host under way. Every step costs the same however many images, jobs or
 * hosts wait: what cannot run is set aside until the place it waits for is given back.
 */
export class FairQueue<J extends object> {
  readonly #perHost: number;
  readonly #lines = new Map<J, Line<J>>();
  readonly #turn = new Denque<Line<J>>();
  readonly #gated = new Set<Line<J>>();
  readonly #hosts = new Map<string, Host<J>>();
  #size = 0;

  constructor(perHost: number) {
    this.#perHost = perHost;
  }

  /** How many images wait. */
  get size(): number {
    return this.#size;
  }

  /** @param where `first` puts an image before those of its job and host that wait already. */
  add({ job, index, host }: QueuedImage<J>, where: 'first' | 'last' = 'last'): void {
    const line = this.#lineOf(job);
    let waiting = line.byHost.get(host);
    if (!waiting) {
      waiting = new Denque();
      line.byHost.set(host, waiting);
      line.hosts.push(host);
    }
    if (where === 'first') waiting.unshift(index);
    else waiting.push(index);
    this.#size += 1;
    this.#takeTurn(line);
  }

  /**
   * The next image that may start, or undefined. It counts for its host until `release`.
   *
   * @param admits asked last, once for each image found; a job that it refuses is set aside until
   *   `reopen`.
   */
  next(admits: (job: J) => boolean): QueuedImage<J> | undefined {
    for (let line = this.#turn.shift(); line; line = this.#turn.shift()) {
      line.inTurn = false;
      if (line.removed) continue;
      const host = this.#openHost(line);
      if (host === undefined) continue;
      if (!admits(line.job)) {
        line.hosts.unshift(host);
        line.gated = true;
        this.#gated.add(line);
        // The place that this line leaves may be what another one waits for.
        this.#wake(host);
        continue;
      }
      return this.#take(line, host);
    }
    return undefined;
  }

  /** Gives the place of one image of `host` back. */
  release(host: string): void {
    const state = this.#hostOf(host);
    state.active -= 1;
    this.#wake(host);
  }

  /** Lets the jobs that were refused and that `may` names be asked again. */
  reopen(may: (job: J) => boolean): void {
    for (const line of this.#gated) {
      if (!may(line.job)) continue;
      this.#gated.delete(line);
      line.gated = false;
      this.#takeTurn(line);
    }
  }

  /** Takes a job out of the queue. @returns the places of its images that waited. */
  remove(job: J): number[] {
    const line = this.#lines.get(job);
    if (!line) return [];
    line.removed = true;
    this.#lines.delete(job);
    this.#gated.delete(line);
    const indexes: number[] = [];
    for (const [host, waiting] of line.byHost) {
      indexes.push(...waiting.toArray());
      // This line may have been woken for a place that it will not take now.
      this.#wake(host);
    }
    this.#size -= indexes.length;
    return indexes.sort((a, b) => a - b);
  }

  #lineOf(job: J): Line<J> {
    let line = this.#lines.get(job);
    if (!line) {
      const [byHost, hosts] = [new Map<string, Denque<number>>(), new Denque<string>()];
      line = { job, byHost, hosts, inTurn: false, gated: false, removed: false };
      this.#lines.set(job, line);
    }
    return line;
  }

  #hostOf(name: string): Host<J> {
    let host = this.#hosts.get(name);
    if (!host) {
      host = { active: 0, waiting: new Denque() };
      this.#hosts.set(name, host);
    }
    return host;
  }

  #takeTurn(line: Line<J>): void {
    if (line.inTurn || line.gated || line.removed || line.hosts.length === 0) return;
    line.inTurn = true;
    this.#turn.push(line);
  }

  /** The line's next host with a free place; full ones are set aside until a place is free. */
  #openHost(line: Line<J>): string | undefined {
    for (let name = line.hosts.shift(); name !== undefined; name = line.hosts.shift()) {
      const host = this.#hostOf(name);
      if (host.active < this.#perHost) return name;
      host.waiting.push(line);
    }
    return undefined;
  }

  #take(line: Line<J>, host: string): QueuedImage<J> {
    const waiting = line.byHost.get(host);
    const index = waiting?.shift();
    if (!waiting || index === undefined) throw new Error('Expected a waiting image, found none');
    if (waiting.length > 0) line.hosts.push(host);
    else line.byHost.delete(host);
    if (line.byHost.size === 0) this.#lines.delete(line.job);
    this.#hostOf(host).active += 1;
    this.#size -= 1;
    this.#takeTurn(line);
    return { job: line.job, index, host };
  }

  /** Lets as many lines try this host again as it has places free; forgets a host without work. */
  #wake(name: string): void {
    const host = this.#hostOf(name);
    for (let free = this.#perHost - host.active; free > 0;) {
      const line = host.waiting.shift();
      if (!line) break;
      if (line.removed) continue;
      line.hosts.push(name);
      this.#takeTurn(line);
      // A line that its gate holds back takes no place, so the next one is woken as well.
      if (!line.gated) free -= 1;
    }
    if (host.active === 0 && host.waiting.length === 0) this.#hosts.delete(name);
  }
}
