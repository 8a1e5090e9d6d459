/** What a walk through a file's structure needs next. */
export type Step =
  /** `mayEnd`: a file that ends here is odd, but not known to be cut. */
  | { readonly op: 'read'; readonly bytes: number; readonly mayEnd?: boolean }
  | { readonly op: 'skip'; readonly bytes: number }
  /** Past blocks that each say their length in one byte, to the empty one that ends them (GIF). */
  | { readonly op: 'blocks' }
  /** To the next JPEG marker: 0xFF and a byte that is neither stuffing, nor fill, nor a restart. */
  | { readonly op: 'marker' };

/** A format's structure as a coroutine: it yields what it needs and is given the bytes it read. */
export type Structure = Generator<Step, 'whole' | 'unknown', Buffer>;

const NOTHING: Buffer = Buffer.alloc(0);
/**
 * Millions of empty blocks can be put into one file, and each costs a step. A picture of 10 MB as
 * programs write them takes fewer than 100,000; what takes more is not understood any further.
 */
const MAX_STEPS = 500_000;

export interface StructureWalk {
  /** Takes the next bytes of the file. */
  push(chunk: Buffer): void;
  /**
   * To be asked at the end: `cut` only if all was understood so far and more had to follow;
   * `unknown` for what the structure does not foresee, so that an odd file is not refused.
   */
  verdict(): 'whole' | 'cut' | 'unknown';
}

/** Drives a structure over a file that arrives in pieces; nothing but a few bytes is kept. */
export function walkStructure(structure: Structure): StructureWalk {
  let verdict: 'whole' | 'unknown' | null = null;
  let step: Step | null = null;
  let collected = NOTHING;
  let left = 0;
  let lastWasFF = false;
  let steps = 0;
  advance(NOTHING);

  function advance(read: Buffer): void {
    let bytes = read;
    do {
      const next = structure.next(bytes);
      steps += 1;
      if (next.done || steps > MAX_STEPS) {
        verdict = next.done ? next.value : 'unknown';
        step = null;
        return;
      }
      step = next.value;
      left = 'bytes' in step ? step.bytes : 0;
      bytes = NOTHING;
    } while (left === 0 && 'bytes' in step);
    collected = NOTHING;
    lastWasFF = false;
  }

  /** @returns where in the chunk to go on; the step may not be done yet. */
  function feed(current: Step, chunk: Buffer, from: number): number {
    if (current.op === 'marker') return findMarker(chunk, from);
    if (current.op === 'blocks') return skipBlocks(chunk, from);
    const end = Math.min(from + left, chunk.length);
    left -= end - from;
    if (current.op === 'read') {
      const read = chunk.subarray(from, end);
      collected = collected.length === 0 ? read : Buffer.concat([collected, read]);
    }
    if (left === 0) advance(collected);
    return end;
  }

  function findMarker(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length;) {
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

  /** A picture of 10 MB has 40,000 of them and more: a step for each would take 18 ms a MiB. */
  function skipBlocks(chunk: Buffer, from: number): number {
    for (let at = from + left; ; at += left) {
      if (at >= chunk.length) {
        left = at - chunk.length;
        return chunk.length;
      }
      left = chunk[at] ?? 0;
      at += 1;
      if (left === 0) {
        advance(NOTHING);
        return at;
      }
    }
  }

  return {
    push(chunk) {
      for (let at = 0; step && at < chunk.length;) at = feed(step, chunk, at);
    },
    verdict() {
      if (verdict) return verdict;
      return step?.op === 'read' && step.mayEnd ? 'unknown' : 'cut';
    },
  };
}
