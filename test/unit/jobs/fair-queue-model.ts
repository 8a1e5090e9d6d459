import assert from 'node:assert/strict';
import { FairQueue, type QueuedJob } from '../../../lib/jobs/fair-queue/fair-queue';
import type { Turn } from '../../../lib/jobs/fair-queue/turn';

export interface TestJob {
  readonly name: string;
}

/** An image by its job and its place there; `-` for none. */
export function nameOf(turn: Turn<TestJob> | 'later' | undefined): string {
  if (turn === 'later') return turn;
  return turn ? `${turn.job.name}${turn.index}` : '-';
}

export interface Step {
  readonly op: string;
  readonly [detail: string]: unknown;
}

interface Waiting {
  readonly line: number;
  readonly host: string;
  readonly credential: string;
}

interface UnderWay extends Waiting {
  readonly turn: Turn<TestJob>;
  /** The address that it counts for. */
  address: string | undefined;
}

/** Plays steps on a queue, and knows by itself, in the most simple way, what may start. */
export class FairQueueModel {
  readonly #limits: ConstructorParameters<typeof FairQueue>[0];
  readonly #queue: FairQueue<TestJob>;
  readonly #waiting = new Map<string, Waiting>();
  readonly #underWay: UnderWay[] = [];
  readonly #lines: QueuedJob<TestJob>[] = [];
  readonly #leads = new Map<string, string>();
  readonly #shut = new Set<string>();

  constructor(limits: ConstructorParameters<typeof FairQueue>[0]) {
    this.#limits = limits;
    this.#queue = new FairQueue(limits);
  }

  /** @throws {AssertionError} where the queue and this differ. */
  play(steps: readonly Step[]): void {
    for (const each of steps) this.#step(each);
    this.#startAll();
    for (const credential of [...this.#shut]) this.#reopen(credential);
    for (let left = 1000; left > 0 && this.#waiting.size + this.#underWay.length > 0; left -= 1) {
      this.#startAll();
      const [done] = this.#underWay.splice(0, 1);
      if (done) this.#queue.release(done.turn);
    }
    assert.equal(this.#waiting.size, 0);
    assert.equal(this.#queue.size, 0);
  }

  #step({ op, at, job, hosts, shut, back, lent, to }: Step): void {
    const credential = `c${Number(shut)}`;
    const one = this.#underWay[Number(at)];
    if (op === 'add') this.#add(Number(job), hosts as number[]);
    else if (op === 'next') this.#next(credential);
    else if (op === 'fill') while (this.#next(credential));
    else if (op === 'reopen') this.#reopen(credential);
    else if (op === 'lend' && one) {
      if (lent) this.#queue.lend(one.turn);
      else this.#queue.takeBack(one.turn);
    } else if (op === 'leads' && one) this.#lead(one, `address${Number(to)}`);
    else if (op === 'remove') this.#remove(Number(at));
    else if (op === 'release' && one) this.#release(one, Number(back));
    assert.equal(this.#queue.size, this.#waiting.size);
  }

  #add(credential: number, hosts: readonly number[]): void {
    const [line, name] = [this.#lines.length, `${this.#lines.length}-`];
    const named = hosts.map((host) => `h${host}`);
    this.#lines.push(this.#queue.add({ name }, `c${credential}`, named.entries()));
    named.forEach((host, index) => {
      this.#waiting.set(`${name}${index}`, { line, host, credential: `c${credential}` });
    });
  }

  /** @returns whether one has started. */
  #next(refused: string | null): boolean {
    const turn = this.#queue.next(({ name }) => {
      const credential = this.#credentialOf(name);
      assert.ok(!this.#shut.has(credential));
      if (credential !== refused) return true;
      this.#shut.add(credential);
      return false;
    });
    if (turn === 'later') throw new Error('Expected an answer about so few images');
    if (!turn) {
      assert.deepEqual(
        [...this.#waiting].filter(([, each]) => this.#mayStart(each)),
        [],
      );
      return false;
    }
    const name = nameOf(turn);
    const image = this.#waiting.get(name)!;
    assert.ok(this.#mayStart(image));
    this.#waiting.delete(name);
    this.#underWay.push({ turn, ...image, address: this.#leads.get(image.host) });
    return true;
  }

  #startAll(): void {
    while (this.#next(null));
  }

  #credentialOf(jobName: string): string {
    const [, image] = [...this.#waiting].find(([name]) => name.startsWith(jobName))!;
    return image.credential;
  }

  #mayStart({ line, host, credential }: Waiting): boolean {
    const { perHost, perAddress, perJob } = this.#limits;
    const count = (is: (each: UnderWay) => boolean): number => this.#underWay.filter(is).length;
    const address = this.#leads.get(host);
    return (
      !this.#shut.has(credential) &&
      count((each) => each.host === host) < perHost &&
      (address === undefined || count((each) => each.address === address) < perAddress) &&
      count((each) => each.line === line) < perJob
    );
  }

  #lead(one: UnderWay, address: string): void {
    this.#leads.set(one.host, address);
    one.address = address;
    const there = this.#underWay.filter((each) => each.address === address).length;
    assert.equal(this.#queue.leadsTo(one.turn, address), there <= this.#limits.perAddress);
  }

  #remove(at: number): void {
    const line = this.#lines[at];
    for (const index of line ? this.#queue.remove(line) : []) {
      assert.ok(this.#waiting.delete(`${at}-${index}`));
    }
    this.#forgetHosts();
    assert.ok(![...this.#waiting.values()].some((image) => image.line === at));
  }

  #release(one: UnderWay, back: number): void {
    const { turn, line, host, credential } = one;
    this.#underWay.splice(this.#underWay.indexOf(one), 1);
    const where = ([undefined, 'first', 'last'] as const)[back];
    this.#queue.release(turn, where);
    if (where) this.#waiting.set(nameOf(turn), { line, host, credential });
    this.#forgetHosts();
    if (back < 3) return;
    this.#queue.putBack(turn);
    this.#waiting.set(nameOf(turn), { line, host, credential });
  }

  #reopen(credential: string): void {
    this.#shut.delete(credential);
    this.#queue.reopen(credential);
  }

  /** Where a host leads is known only as long as something waits for it or is under way. */
  #forgetHosts(): void {
    const known = new Set([...this.#waiting.values(), ...this.#underWay].map(({ host }) => host));
    for (const host of this.#leads.keys()) if (!known.has(host)) this.#leads.delete(host);
    const credentials = new Set(
      [...this.#waiting.values(), ...this.#underWay].map(({ credential }) => credential),
    );
    for (const credential of this.#shut) {
      if (!credentials.has(credential)) this.#shut.delete(credential);
    }
  }
}
