import fs from 'node:fs';
import path from 'node:path';

const FOLDER = path.join(__dirname, '..', 'fixtures', 'pictures');

/** The bytes of a picture to test with. */
export function picture(name: string): Buffer {
  return fs.readFileSync(path.join(FOLDER, name));
}

/** Pictures that Imgur takes, with what their bytes are. */
export const ACCEPTED = {
  'baseline.jpg': 'image/jpeg',
  'progressive.jpg': 'image/jpeg',
  'cmyk.jpg': 'image/jpeg',
  'rgb8.png': 'image/png',
  'palette.png': 'image/png',
  'rgb16.png': 'image/png',
  'interlaced.png': 'image/png',
  'animated.gif': 'image/gif',
  'still.gif': 'image/gif',
  'plain.bmp': 'image/bmp',
  'little.tiff': 'image/tiff',
  'big.tiff': 'image/tiff',
} as const;

/** Real pictures that are converted to what Imgur takes. */
export const CONVERTIBLE = {
  'lossy.webp': 'image/webp',
  'lossless.webp': 'image/webp',
  'still.avif': 'image/avif',
} as const;

/** Real pictures that Imgur refuses, and that are not converted. */
export const UNSUPPORTED = ['still.heic'] as const;

/** No pictures, whatever their names. */
export const NO_PICTURES = ['active.svg', 'document.pdf', 'page.jpg'] as const;

/** The smallest PNG there is to see: one pixel. */
export const ONE_PIXEL_PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** A few bytes that would unfold to 65535 × 65535 pixels. */
export function pixelBomb(): Buffer {
  const png = Buffer.from(ONE_PIXEL_PNG);
  png.writeUInt32BE(65_535, 16);
  png.writeUInt32BE(65_535, 20);
  return png;
}

/** An animation of so many frames of one pixel. */
export function gifOf(frames: number): Buffer {
  const start = Buffer.from('474946383961' + '01000100800000' + '000000ffffff', 'hex');
  const frame = Buffer.from('2c00000000010001000002024401003b'.slice(0, -2), 'hex');
  const end = Buffer.from('3b', 'hex');
  return Buffer.concat([start, Buffer.alloc(frames * frame.length, frame), end]);
}
