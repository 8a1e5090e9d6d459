/**
 * How many pixels a picture has by its first bytes, so that one that is too large is refused before
 * it is fetched and decoded; null where they do not say. Of an animation it is one frame.
 */
export function pixelsOf(head: Buffer): number | null {
  return head.toString('latin1', 8, 12) === 'WEBP' ? webpPixels(head) : avifPixels(head);
}

/** RFC 9649: VP8 (RFC 6386, section 9.1), VP8L (section 3.4) and VP8X (section 2.7). */
function webpPixels(head: Buffer): number | null {
  if (head.length < 30) return null;
  switch (head.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return (head.readUInt16LE(26) & 0x3fff) * (head.readUInt16LE(28) & 0x3fff);
    case 'VP8L': {
      const bits = head.readUInt32LE(21);
      return ((bits & 0x3fff) + 1) * (((bits >>> 14) & 0x3fff) + 1);
    }
    case 'VP8X':
      return (head.readUIntLE(24, 3) + 1) * (head.readUIntLE(27, 3) + 1);
    default:
      return null;
  }
}

/**
 * The largest of all `ispe` (ISO 23008-12, section 6.5.3) in the boxes meta, iprp and ipco: a picture
 * made of tiles has one for itself and one for them.
 */
function avifPixels(head: Buffer): number | null {
  let most: number | null = null;
  for (const { body } of within(head, ['meta', 'iprp', 'ipco'])) {
    // Version and flags go before width and height.
    if (body.length < 12) continue;
    most = Math.max(most ?? 0, body.readUInt32BE(4) * body.readUInt32BE(8));
  }
  return most;
}

interface Box {
  readonly name: string;
  readonly body: Buffer;
}

/** @returns each `ispe` in the innermost of these boxes. */
function within(bytes: Buffer, path: readonly string[]): Box[] {
  const [name = 'ispe', ...rest] = path;
  const found = boxes(bytes).filter((box) => box.name === name);
  if (path.length === 0) return found;
  // `meta` has a version and flags before what it holds.
  return found.flatMap(({ body }) => within(name === 'meta' ? body.subarray(4) : body, rest));
}

/** The boxes that begin here; the last may be cut off. */
function boxes(bytes: Buffer): Box[] {
  const found: Box[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    const end = length === 0 ? bytes.length : at + length;
    // A length in 64 bits is for what is far longer than any of these.
    if (end < at + 8) break;
    found.push({
      name: bytes.toString('latin1', at + 4, at + 8),
      body: bytes.subarray(at + 8, end),
    });
    at = end;
  }
  return found;
}

/** An AVIF's `meta` is a few hundred bytes, or some thousand where it has tiles. */
const MAX_META_BYTES = 65_536;
/**
 * Before `meta` there is one box, or a few. They are walked anew with whatever comes, which can be a few
 * bytes at a time: of thousands of empty boxes, 64 KiB would take seconds.
 */
const MAX_BOXES = 16;

/**
 * How many of the first bytes it takes to judge an AVIF: its boxes up to the end of `meta`.
 *
 * @param head what there is; at least 16 bytes.
 */
export function avifHeadBytes(head: Buffer): number {
  for (let at = 0, walked = 0; at < MAX_META_BYTES && walked < MAX_BOXES; walked += 1) {
    // The name of the next box is missing.
    if (at + 8 > head.length) return at + 8;
    const length = head.readUInt32BE(at);
    if (length < 8) return head.length;
    at += length;
    if (head.toString('latin1', at - length + 4, at - length + 8) === 'meta') {
      return Math.min(at, MAX_META_BYTES);
    }
    if (head.toString('latin1', at - length + 4, at - length + 8) === 'mdat') return head.length;
  }
  return head.length;
}
