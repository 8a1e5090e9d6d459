/** A kind of picture that Imgur takes: what it is served as, and the extension of its link. */
export interface PictureType {
  type: 'image/jpeg' | 'image/png' | 'image/gif' | 'image/tiff' | 'image/bmp';
  ext: 'jpg' | 'png' | 'gif' | 'tiff' | 'bmp';
}

const JPEG: PictureType = { type: 'image/jpeg', ext: 'jpg' };
const PNG: PictureType = { type: 'image/png', ext: 'png' };
const GIF: PictureType = { type: 'image/gif', ext: 'gif' };
const TIFF: PictureType = { type: 'image/tiff', ext: 'tiff' };
const BMP: PictureType = { type: 'image/bmp', ext: 'bmp' };

const SIGNATURES: readonly (readonly [string, PictureType])[] = [
  ['\xff\xd8\xff', JPEG],
  ['\x89PNG\r\n\x1a\n', PNG],
  ['GIF87a', GIF],
  ['GIF89a', GIF],
  ['II*\0', TIFF],
  ['MM\0*', TIFF],
];

/** Lengths of the header that follows a BMP's file header: "BM" alone would let plain text pass. */
const BMP_HEADER_BYTES: readonly number[] = [12, 16, 40, 52, 56, 64, 108, 124];

/**
 * Judges a picture by its first bytes alone, as Imgur does: neither name nor announced type count.
 *
 * This is on purpose not the judgement that the service applies before it uploads: a stand-in that
 * shared it would share its mistakes.
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
