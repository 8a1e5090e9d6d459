import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JobStore } from '../jobs/job-store';

/** Links that are serialised together. */
const BLOCK = 1000;
const HEAD = Buffer.from('{"uploaded":[');
const TAIL = Buffer.from(']}');
/** Blocks that are serialised before everything else has its turn. */
const BLOCKS_AT_ONCE = 10;

/**
 * The body that lists every link: `{"uploaded":["https://…",…]}`. Half a million of them are 18 MB of
 * JSON, so whole blocks are serialised once, and each answer puts them together: as bytes, since to
 * join strings of that size takes as long as to serialise the links. Links are URLs, and so ASCII.
 */
export class LinksBody {
  readonly #store: Pick<JobStore, 'linksFrom'>;
  /** Whole blocks by their number: `n` holds the links from `n * BLOCK` on, and a comma. */
  readonly #blocks = new Map<number, Uint8Array>();
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
    const { oldest } = await this.#store.linksFrom(0, 0);
    for (const number of this.#blocks.keys()) {
      if ((number + 1) * BLOCK <= oldest) this.#blocks.delete(number);
    }
    const parts: Uint8Array[] = [HEAD];
    for (let at = oldest, made = 0; ;) {
      const number = Math.floor(at / BLOCK);
      const end = (number + 1) * BLOCK;
      const kept = at % BLOCK === 0 ? this.#blocks.get(number) : undefined;
      if (kept !== undefined) {
        parts.push(kept);
        at = end;
        continue;
      }
      const { links } = await this.#store.linksFrom(at, end - at);
      const json = Buffer.from(JSON.stringify(links).slice(1, -1) + ',', 'latin1');
      if (links.length > 0) parts.push(json);
      if (links.length === BLOCK) this.#blocks.set(number, json);
      if (links.length < end - at) break;
      at = end;
      made += 1;
      if (made % BLOCKS_AT_ONCE === 0) await nextTurn();
    }
    const last = parts.pop() ?? HEAD;
    parts.push(last === HEAD ? HEAD : last.subarray(0, -1), TAIL);
    return Buffer.concat(parts).toString('latin1');
  }
}
