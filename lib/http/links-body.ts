import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JobStore, Links } from '../jobs/job-store';

/** Links that are serialised together. */
const BLOCK = 1000;
/** Blocks that are serialised before everything else has its turn. */
const BLOCKS_AT_ONCE = 10;
const HEAD = '{"uploaded":[';
const TAIL = ']}';

/**
 * The body that lists every link: `{"uploaded":["https://…",…]}`. Half a million of them are 18 MB of
 * JSON, so each link is serialised once, into one buffer that is kept and grows; an answer is a copy
 * of it. As bytes, since to join strings of that size takes as long as to serialise the links, and
 * they are ASCII: links are URLs.
 */
export class LinksBody {
  readonly #store: Pick<JobStore, 'linksFrom'>;
  /** The links from position `#from` up to `#to`, each with a comma behind it. */
  #bytes = Buffer.alloc(HEAD.length);
  #start = HEAD.length;
  #end = HEAD.length;
  #from = 0;
  #to = 0;
  /** Where in the buffer the link stands whose position is `n * BLOCK`. */
  readonly #marks = new Map<number, number>();
  #deletions = 0;
  #reading: Promise<string> | null = null;

  constructor(store: Pick<JobStore, 'linksFrom'>) {
    this.#store = store;
  }

  /** Whoever asks while it is being put together gets the same. */
  read(): Promise<string> {
    this.#reading ??= this.#read().finally(() => (this.#reading = null));
    return this.#reading;
  }

  async #read(): Promise<string> {
    for (let blocks = 1; ; blocks += 1) {
      const most = BLOCK - (this.#to % BLOCK);
      const { oldest, links, deletions } = await this.#store.linksFrom(this.#to, most);
      if (deletions !== this.#deletions) {
        // What was deleted may stand anywhere.
        this.#deletions = deletions;
        this.#beginAt(oldest);
        continue;
      }
      if (oldest > this.#from) {
        // Some may have been dropped since the last block too: then these are not those asked for.
        await this.#drop(oldest);
        continue;
      }
      if (links.length === 0) return this.#text();
      this.#append(links);
      if (blocks % BLOCKS_AT_ONCE === 0) await nextTurn();
    }
  }

  /** Lets go of the links before a position. */
  async #drop(oldest: number): Promise<void> {
    for (const number of this.#marks.keys()) {
      if (number * BLOCK < oldest) this.#marks.delete(number);
    }
    const number = Math.ceil(oldest / BLOCK);
    const mark = this.#marks.get(number);
    if (mark === undefined) {
      // Nothing of what is here is known to be kept, so all is read anew.
      this.#beginAt(oldest);
      return;
    }
    // Of a block of which a part is dropped, the rest is shorter than the whole: there is room.
    const rest = await this.#store.linksFrom(oldest, number * BLOCK - oldest);
    // More was dropped meanwhile: it is asked for again, from there.
    if (rest.oldest > oldest) return this.#drop(rest.oldest);
    // The next look sees that something was deleted, and begins anew.
    if (rest.deletions !== this.#deletions) return;
    const json = serialise(rest.links);
    this.#start = mark - json.length;
    this.#bytes.write(json, this.#start, 'latin1');
    this.#from = oldest;
  }

  #beginAt(position: number): void {
    this.#marks.clear();
    [this.#start, this.#end] = [HEAD.length, HEAD.length];
    [this.#from, this.#to] = [position, position];
  }

  #append(links: Links['links']): void {
    const json = serialise(links);
    this.#makeRoom(json.length + TAIL.length);
    if (this.#to % BLOCK === 0) this.#marks.set(this.#to / BLOCK, this.#end);
    this.#end += this.#bytes.write(json, this.#end, 'latin1');
    this.#to += links.length;
  }

  #makeRoom(bytes: number): void {
    if (this.#end + bytes <= this.#bytes.length) return;
    const shift = HEAD.length - this.#start;
    // Half as much again, so that it is seldom copied.
    const roomy = Buffer.allocUnsafeSlow(Math.ceil(1.5 * (this.#end + shift + bytes)));
    this.#bytes.copy(roomy, HEAD.length, this.#start, this.#end);
    this.#bytes = roomy;
    [this.#start, this.#end] = [HEAD.length, this.#end + shift];
    for (const [number, mark] of this.#marks) this.#marks.set(number, mark + shift);
  }

  #text(): string {
    if (this.#end === this.#start) return HEAD + TAIL;
    this.#bytes.write(HEAD, this.#start - HEAD.length, 'latin1');
    // The tail takes the place of the last comma, which the next link needs again.
    this.#bytes.write(TAIL, this.#end - 1, 'latin1');
    const text = this.#bytes.toString(
      'latin1',
      this.#start - HEAD.length,
      this.#end - 1 + TAIL.length,
    );
    this.#bytes.write(',', this.#end - 1, 'latin1');
    return text;
  }
}

function serialise(links: Links['links']): string {
  const kept = links.filter((link) => link !== null);
  return kept.length === 0 ? '' : `${JSON.stringify(kept).slice(1, -1)},`;
}
