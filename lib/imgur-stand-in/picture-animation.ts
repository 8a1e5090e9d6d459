import type { PictureType } from './picture-type';

const EXTENSION = 0x21;
const IMAGE = 0x2c;

/** Bytes of a colour table, from the flags that announce it (GIF89a, sections 18 and 20). */
function colourTableBytes(flags: number): number {
  return flags & 0x80 ? 3 * (2 << (flags & 7)) : 0;
}

/** Two frames are enough to move (GIF89a, appendix A, for the order of the blocks). */
function gifMoves(bytes: Buffer): boolean {
  let frames = 0;
  let at = 13 + colourTableBytes(bytes.readUInt8(10));
  for (;;) {
    const block = bytes.readUInt8(at);
    if (block === IMAGE) {
      frames += 1;
      if (frames === 2) return true;
      at += 11 + colourTableBytes(bytes.readUInt8(at + 9));
    } else if (block === EXTENSION) {
      at += 2;
    } else {
      return false;
    }
    while (bytes.readUInt8(at) !== 0) at += bytes.readUInt8(at) + 1;
    at += 1;
  }
}

/** An APNG announces itself in an `acTL` chunk before the first `IDAT` (PNG, third edition, 11.3.6.1). */
function pngMoves(bytes: Buffer): boolean {
  for (let at = 8; ; at += 12 + bytes.readUInt32BE(at)) {
    const chunk = bytes.toString('latin1', at + 4, at + 8);
    if (chunk === 'acTL') return true;
    if (chunk === 'IDAT') return false;
  }
}

/** Whether a picture has several frames. Never throws; one that is cut short counts as still. */
export function isAnimated(bytes: Buffer, ext: PictureType['ext']): boolean {
  try {
    if (ext === 'gif') return gifMoves(bytes);
    return ext === 'png' && pngMoves(bytes);
  } catch {
    return false;
  }
}
