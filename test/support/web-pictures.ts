import type { Sharp } from 'sharp';
import { picture } from './pictures';
import { sharp } from './sharp';

/** Pictures of today's web, made by libwebp and libaom: 96 × 64 pixels, unless they say otherwise. */

const WIDTH = 96;
const HEIGHT = 64;

/** Red, green, blue and yellow quarters, from the top left, row by row. */
export const QUARTERS = ['#e02020', '#20c040', '#2040e0', '#e0d020'] as const;

/** Where in a picture each of its quarters is seen, as shares of width and height. */
export const CENTRES = [
  [0.25, 0.25],
  [0.75, 0.25],
  [0.25, 0.75],
  [0.75, 0.75],
] as const;

export function quarters(width = WIDTH, height = HEIGHT, colours: readonly string[] = QUARTERS) {
  const [w, h] = [width / 2, height / 2];
  const part = (n: number) => ({
    input: { create: { width: w, height: h, channels: 3 as const, background: colours[n] ?? '' } },
    left: (n % 2) * w,
    top: n < 2 ? 0 : h,
  });
  return sharp({ create: { width, height, channels: 4, background: '#000' } })
    .composite([0, 1, 2, 3].map(part))
    .removeAlpha();
}

/** The left half is as clear as glass. */
export async function halfClear() {
  const alpha = Buffer.alloc(WIDTH * HEIGHT, 255);
  for (let y = 0; y < HEIGHT; y += 1) alpha.fill(0, y * WIDTH, y * WIDTH + WIDTH / 2);
  const colours = await quarters().png().toBuffer();
  return sharp(colours).joinChannel(alpha, { raw: { width: WIDTH, height: HEIGHT, channels: 1 } });
}

/** As a camera held sideways takes it: shown upright only by its EXIF, which also says where it was. */
export async function turned(): Promise<Sharp> {
  const upright = await quarters().png().toBuffer();
  const lying = await sharp(upright).rotate(270).png().toBuffer();
  return sharp(lying)
    .withMetadata({ orientation: 6 })
    .withExifMerge({
      IFD0: { Copyright: 'Somebody' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' },
    });
}

/** The same colours, told in Display P3. */
export async function inP3(): Promise<Sharp> {
  return sharp(await quarters().png().toBuffer()).withIccProfile('p3');
}

export const DELAYS = [100, 250, 70];

/** Three frames of one colour each, shown for DELAYS, three times over. */
export async function animation(size = 48): Promise<Buffer> {
  const frames = await Promise.all(
    QUARTERS.slice(0, 3).map((background) =>
      sharp({ create: { width: size, height: size, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  );
  return sharp(frames, { join: { animated: true } })
    .webp({ delay: DELAYS, loop: 3 })
    .toBuffer();
}

/** Without loss, 36 bytes that say 16383 × 16383 pixels. */
export function webpBomb(): Buffer {
  const bytes = Buffer.alloc(36);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(28, 4);
  bytes.write('WEBPVP8L', 8);
  bytes.writeUInt32LE(16, 16);
  bytes[20] = 0x2f;
  bytes.writeUInt32LE((16_382 | (16_382 << 14)) >>> 0, 21);
  return bytes;
}

/** An AVIF that calls itself a film of stills. */
export function avifSequence(): Buffer {
  const bytes = Buffer.from(picture('still.avif'));
  bytes.write('avis', 8);
  return bytes;
}

/** Any colour, each pixel another: what no encoder makes small. */
export function noise(width: number, height: number, channels: 3 | 4 = 3): Sharp {
  const raw = Buffer.alloc(width * height * channels);
  let seed = 1;
  for (let at = 0; at < raw.length; at += 1) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    raw[at] = seed >>> 24;
  }
  return sharp(raw, { raw: { width, height, channels } });
}
