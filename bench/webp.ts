import path from 'node:path';

const PHOTOGRAPH = path.join(__dirname, '../samples/nebula.jpg');
const SIDE = 1000;

/** A WebP of one megapixel; null where sharp, an optional dependency, is missing. */
export async function makeWebp(): Promise<Buffer | null> {
  let sharp;
  try {
    sharp = (await import('sharp')).default;
  } catch {
    return null;
  }
  return sharp(PHOTOGRAPH).resize(SIDE, SIDE, { fit: 'fill' }).webp().toBuffer();
}
