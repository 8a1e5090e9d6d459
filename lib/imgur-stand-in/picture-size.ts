import type { PictureType } from './picture-type';

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
