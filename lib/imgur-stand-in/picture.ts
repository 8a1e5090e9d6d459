/** A kind of picture that Imgur takes: what it is served as, and the extension of its link. */
export interface PictureType {
  type: string;
  ext: 'jpg' | 'png' | 'gif' | 'tiff' | 'bmp';
}

const BMP: PictureType = { type: 'image/bmp', ext: 'bmp' };
const SIGNATURES: readonly (readonly [string, PictureType])[] = [
  ['\xff\xd8\xff', { type: 'image/jpeg', ext: 'jpg' }],
  ['\x89PNG\r\n\x1a\n', { type: 'image/png', ext: 'png' }],
  ['GIF87a', { type: 'image/gif', ext: 'gif' }],
  ['GIF89a', { type: 'image/gif', ext: 'gif' }],
  ['II*\0', { type: 'image/tiff', ext: 'tiff' }],
  ['MM\0*', { type: 'image/tiff', ext: 'tiff' }],
];

/** The kind of picture whose links have this extension. */
export function typeOf(ext: string): PictureType | undefined {
  if (ext === BMP.ext) return BMP;
  return SIGNATURES.find(([, type]) => type.ext === ext)?.[1];
}

/** Lengths of the header that follows a BMP's file header: "BM" alone would let plain text pass. */
const BMP_HEADER_BYTES: readonly number[] = [12, 16, 40, 52, 56, 64, 108, 124];

/**
 * Judges a picture by its first bytes alone, as Imgur does: neither name nor announced type count.
 *
 * On purpose this is not what image-relay judges by before it uploads: a stand-in that shared it would
 * share its mistakes.
 *
 * @returns null for whatever Imgur does not take (WebP, HEIC, AVIF, SVG, PDF, HTML, nothing at all).
 */
export function judgePicture(bytes: Buffer): PictureType | null {
  const head = bytes.toString('latin1', 0, 8);
  for (const [signature, type] of SIGNATURES) {
    if (head.startsWith(signature)) return type;
  }
  const isBmp =
    head.startsWith('BM') &&
    bytes.length >= 18 &&
    BMP_HEADER_BYTES.includes(bytes.readUInt32LE(14));
  return isBmp ? BMP : null;
}

/** Pixels; both 0 where the bytes do not tell. */
export interface PictureSize {
  width: number;
  height: number;
}

const UNKNOWN: PictureSize = { width: 0, height: 0 };

/** Start-of-frame markers carry the size; C4, C8 and CC lie between them and mean other things. */
function isStartOfFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

/** ITU-T T.81, B.1.1.4: segments of a marker and, mostly, a length that counts itself. */
function jpegSize(bytes: Buffer): PictureSize {
  let at = 2;
  for (;;) {
    // Any number of fill bytes FF may stand before a marker.
    while (bytes.readUInt8(at) === 0xff && bytes.readUInt8(at + 1) === 0xff) at += 1;
    if (bytes.readUInt8(at) !== 0xff) return UNKNOWN;
    const marker = bytes.readUInt8(at + 1);
    if (isStartOfFrame(marker)) {
      return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    }
    // A length below 2 would not count itself, and would let this walk on the spot for ever.
    at += 2 + Math.max(2, bytes.readUInt16BE(at + 2));
  }
}

/** TIFF 6.0, section 2: the first directory's entries, 12 bytes each, tags 256 and 257. */
function tiffSize(bytes: Buffer): PictureSize {
  const little = bytes.readUInt8(0) === 0x49;
  const short = (at: number): number => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const long = (at: number): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const size = { ...UNKNOWN };
  const directory = long(4);
  const entries = short(directory);
  for (let index = 0; index < entries; index += 1) {
    const at = directory + 2 + index * 12;
    const value = (): number => (short(at + 2) === 3 ? short(at + 8) : long(at + 8));
    if (short(at) === 256) size.width = value();
    if (short(at) === 257) size.height = value();
  }
  return size;
}

function bmpSize(bytes: Buffer): PictureSize {
  if (bytes.readUInt32LE(14) === 12) {
    return { width: bytes.readUInt16LE(18), height: bytes.readUInt16LE(20) };
  }
  // A negative height says that the rows run from top to bottom.
  return { width: Math.abs(bytes.readInt32LE(18)), height: Math.abs(bytes.readInt32LE(22)) };
}

const READERS: Record<PictureType['ext'], (bytes: Buffer) => PictureSize> = {
  jpg: jpegSize,
  png: (bytes) => ({ width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }),
  gif: (bytes) => ({ width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) }),
  tiff: tiffSize,
  bmp: bmpSize,
};

/** Reads width and height from a picture's own header. Never throws, never loops for ever. */
export function pictureSize(bytes: Buffer, ext: PictureType['ext']): PictureSize {
  try {
    return READERS[ext](bytes);
  } catch {
    // The only error there can be is a read past the end: the picture is cut short.
    return UNKNOWN;
  }
}

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
