/** What a walk through a file's structure needs next. */
export type Step =
  /** `mayEnd`: a file that ends here is odd, but not known to be cut. */
  | { readonly op: 'read'; readonly bytes: number; readonly mayEnd?: boolean }
  | { readonly op: 'skip'; readonly bytes: number }
  /** To the next JPEG marker: 0xFF and a byte that is neither stuffing, nor fill, nor a restart. */
  | { readonly op: 'marker' };

/** A format's structure as a coroutine: it yields what it needs and is given the bytes it read. */
export type Structure = Generator<Step, 'whole' | 'unknown', Buffer>;

const NOTHING = Buffer.alloc(0);

export interface Walk {
  /** Takes the next bytes of the file. */
  push(chunk: Buffer): void;
  /**
   * To be asked at the end: `cut` only if all was understood so far and more had to follow;
   * `unknown` for what the structure does not foresee, so that an odd file is not refused.
   */
  verdict(): 'whole' | 'cut' | 'unknown';
}

/** Drives a structure over a file that arrives in pieces; nothing but a few bytes is kept. */
export function walk(structure: Structure): Walk {
  let verdict: 'whole' | 'unknown' | null = null;
  let step: Step | null = null;
  let collected = NOTHING;
  let left = 0;
  let lastWasFF = false;
  advance(NOTHING);

  function advance(bytes: Buffer): void {
    const next = structure.next(bytes);
    if (next.done) {
      verdict = next.value;
      step = null;
      return;
    }
    step = next.value;
    left = step.op === 'marker' ? 0 : step.bytes;
    collected = NOTHING;
    lastWasFF = false;
    if (left === 0 && step.op !== 'marker') advance(NOTHING);
  }

  /** @returns how many bytes of the chunk were used; the step may not be done yet. */
  function feed(current: Step, chunk: Buffer): number {
    if (current.op === 'marker') return findMarker(chunk);
    const used = Math.min(left, chunk.length);
    left -= used;
    if (current.op === 'read') collected = Buffer.concat([collected, chunk.subarray(0, used)]);
    if (left === 0) advance(collected);
    return used;
  }

  function findMarker(chunk: Buffer): number {
    for (let at = 0; at < chunk.length;) {
      if (lastWasFF) {
        const byte = chunk[at] ?? 0;
        at += 1;
        if (byte === 0xff) continue;
        lastWasFF = false;
        if (byte === 0 || (byte >= 0xd0 && byte <= 0xd7)) continue;
        advance(Buffer.of(byte));
        return at;
      }
      const found = chunk.indexOf(0xff, at);
      if (found < 0) return chunk.length;
      lastWasFF = true;
      at = found + 1;
    }
    return chunk.length;
  }

  return {
    push(chunk) {
      let rest = chunk;
      while (step && rest.length > 0) rest = rest.subarray(feed(step, rest));
    },
    verdict() {
      if (verdict) return verdict;
      return step?.op === 'read' && step.mayEnd ? 'unknown' : 'cut';
    },
  };
}
