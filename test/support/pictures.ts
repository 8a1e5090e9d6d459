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

/** Real pictures that Imgur refuses. */
export const UNSUPPORTED = ['lossy.webp', 'lossless.webp', 'still.heic', 'still.avif'] as const;

/** No pictures, whatever their names. */
export const NO_PICTURES = ['active.svg', 'document.pdf', 'page.jpg'] as const;
