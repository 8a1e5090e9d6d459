/**
 * What the first bytes say: a picture that Imgur takes, one that can be converted to such a picture,
 * one that it refuses, or no picture.
 */
export type ImageType =
  | { readonly kind: 'accepted'; readonly mime: string; readonly extension: string }
  | {
      readonly kind: 'convertible';
      readonly mime: string;
      readonly extension: string;
      readonly name: string;
    }
  | { readonly kind: 'unsupported'; readonly name: string }
  | { readonly kind: 'none' };

/** As many bytes as the longest signature needs, or all there are if the file is shorter. */
export const HEAD_BYTES = 32;

interface Signature {
  readonly type: ImageType;
  readonly matches: (head: Buffer) => boolean;
}

const NONE: ImageType = { kind: 'none' };

/** Sizes of the DIB headers that follow a BMP's file header (wingdi.h, BITMAPINFOHEADER and kin). */
const DIB_HEADER_SIZES = new Set([12, 16, 40, 52, 56, 64, 108, 124]);

/** ISO 14496-12 `ftyp` brands of still pictures; the others of that container are films. */
const STILL_BRANDS: Record<string, string> = {
  heic: 'HEIC',
  heix: 'HEIC',
  heim: 'HEIC',
  heis: 'HEIC',
  mif1: 'HEIF',
  msf1: 'HEIF',
  avif: 'AVIF',
  avis: 'AVIF',
};

const AVIF: ImageType = {
  kind: 'convertible',
  mime: 'image/avif',
  extension: 'avif',
  name: 'AVIF',
};

const SIGNATURES: readonly Signature[] = [
  accepted('image/jpeg', 'jpg', starts([0xff, 0xd8, 0xff])),
  accepted('image/png', 'png', starts([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])),
  accepted('image/gif', 'gif', (head) => starts('GIF87a')(head) || starts('GIF89a')(head)),
  accepted('image/tiff', 'tiff', (head) => starts('II*\0')(head) || starts('MM\0*')(head)),
  accepted('image/bmp', 'bmp', isBmp),
  {
    type: { kind: 'convertible', mime: 'image/webp', extension: 'webp', name: 'WebP' },
    matches: (head) => starts('RIFF')(head) && at(8, 'WEBP')(head),
  },
  unsupported('JPEG XL', starts([0xff, 0x0a])),
  unsupported('JPEG XL', starts([0, 0, 0, 12, 0x4a, 0x58, 0x4c, 0x20, 0x0d, 0x0a, 0x87, 0x0a])),
  unsupported('JPEG 2000', starts([0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20, 0x0d, 0x0a, 0x87, 0x0a])),
  unsupported('BigTIFF', (head) => starts('II+\0')(head) || starts('MM\0+')(head)),
  unsupported('Photoshop', starts('8BPS\0')),
  unsupported('icon', isIcon),
];

/**
 * Judges a file by its first `HEAD_BYTES` bytes, never by its name or by what its host says.
 * SVG is text that a browser runs, so it is no picture here.
 */
export function imageTypeOf(head: Buffer): ImageType {
  return SIGNATURES.find(({ matches }) => matches(head))?.type ?? stillOfIsoContainer(head);
}

function accepted(mime: string, extension: string, matches: Signature['matches']): Signature {
  return { type: { kind: 'accepted', mime, extension }, matches };
}

function unsupported(name: string, matches: Signature['matches']): Signature {
  return { type: { kind: 'unsupported', name }, matches };
}

function starts(with_: string | number[]): (head: Buffer) => boolean {
  return at(0, with_);
}

function at(offset: number, expected: string | number[]): (head: Buffer) => boolean {
  const bytes = typeof expected === 'string' ? Buffer.from(expected, 'latin1') : expected;
  const signature = Buffer.from(bytes);
  return (head) => head.subarray(offset, offset + signature.length).equals(signature);
}

/** "BM" alone begins many a text, so the size of the header that must follow is judged as well. */
function isBmp(head: Buffer): boolean {
  return at(0, 'BM')(head) && head.length >= 18 && DIB_HEADER_SIZES.has(head.readUInt32LE(14));
}

/** ICO or CUR: reserved 0, type 1 or 2, at least one picture, whose reserved byte is 0. */
function isIcon(head: Buffer): boolean {
  const magic = starts([0, 0, 1, 0])(head) || starts([0, 0, 2, 0])(head);
  return magic && head.length >= 10 && head.readUInt16LE(4) > 0 && head[9] === 0;
}

/**
 * HEIC and AVIF. A box that says it has no size, or less than its own header, is a trap. A file may
 * call itself a still picture in general (`mif1`), and say among its other brands of which kind.
 */
function stillOfIsoContainer(head: Buffer): ImageType {
  if (head.length < 16 || !at(4, 'ftyp')(head) || head.readUInt32BE(0) < 16) return NONE;
  const name = STILL_BRANDS[head.toString('latin1', 8, 12)];
  if (name === undefined) return NONE;
  if (name === 'HEIC') return { kind: 'unsupported', name };
  const brands = brandsOf(head);
  if (!brands.has('avif') && !brands.has('avis')) return { kind: 'unsupported', name };
  return brands.has('avis') ? { kind: 'unsupported', name: 'AVIF sequence' } : AVIF;
}

/** Files name a dozen. They are read anew with whatever comes of the file's first bytes. */
const MAX_BRANDS_BYTES = 1024;

function brandsOf(head: Buffer): Set<string> {
  const end = Math.min(head.length, head.readUInt32BE(0), MAX_BRANDS_BYTES);
  const brands = new Set([head.toString('latin1', 8, 12)]);
  for (let from = 16; from + 4 <= end; from += 4)
    brands.add(head.toString('latin1', from, from + 4));
  return brands;
}
