/**
 * Makes of one WebP or AVIF the nearest picture that Imgur takes. Runs only in the child process:
 * nothing here may be loaded by the service itself.
 *
 * Orientation is applied and colours become sRGB; EXIF, XMP and ICC go, as sharp keeps them only
 * where it is told to.
 */

/** Above this a picture without loss is worth less than one that is quickly there. In bytes. */
const MAX_PNG_BYTES = 5_000_000;
const JPEG_QUALITIES = [90, 80, 70];
/** How an animation is made smaller once it does not fit as it is: a third of the bytes. */
const SMALLER_GIF = { interFrameMaxError: 24, colours: 128, dither: 0 };

/**
 * @typedef {{ maxBytes: number, maxPixels: number }} Limits
 * @typedef {{ type: string, output: Buffer } | { refusal: string, pixels?: number }} Converted
 *
 * @param {import('sharp')} sharp with all loaders blocked but those for WebP and HEIF.
 * @param {Buffer} input
 * @param {Limits} limits
 * @returns {Promise<Converted>} rejects where the picture does not decode.
 */
async function convert(sharp, input, limits) {
  // The header alone is read here, so that the limit can be told from damage.
  const header = await sharp(input, { animated: true, limitInputPixels: false }).metadata();
  const { width, height, pages = 1, pageHeight = height, hasAlpha, format, compression } = header;
  const pixels = width * pageHeight * pages;
  if (pixels > limits.maxPixels) return { refusal: 'too_many_pixels', pixels };
  // A HEIC that calls itself AVIF.
  if (format !== 'webp' && compression !== 'av1') return { refusal: 'does_not_decode' };

  const open = (animated) =>
    sharp(input, { animated, limitInputPixels: limits.maxPixels, sequentialRead: true })
      .autoOrient()
      .toColourspace('srgb');
  if (format === 'webp' && pages > 1) return toGif(() => open(true), limits);
  if (hasAlpha || isLossless(input)) {
    const output = await open(false).png().toBuffer();
    const most = Math.min(MAX_PNG_BYTES, limits.maxBytes);
    if (output.length <= most) return { type: 'image/png', output };
  }
  return toJpeg(() => open(false), limits);
}

async function toGif(open, { maxBytes }) {
  for (const smaller of [{}, SMALLER_GIF]) {
    const output = await open()
      .gif({ keepDuplicateFrames: true, ...smaller })
      .toBuffer();
    if (output.length <= maxBytes) return { type: 'image/gif', output };
  }
  return { refusal: 'too_large' };
}

async function toJpeg(open, { maxBytes }) {
  for (const quality of JPEG_QUALITIES) {
    const output = await open().flatten({ background: '#fff' }).jpeg({ quality }).toBuffer();
    if (output.length <= maxBytes) return { type: 'image/jpeg', output };
  }
  return { refusal: 'too_large' };
}

/** Whether a still WebP holds its picture without loss: a VP8L chunk (RFC 9649, section 2.6). */
function isLossless(input) {
  if (input.toString('latin1', 8, 12) !== 'WEBP') return false;
  for (let at = 12; at + 8 <= input.length;) {
    const name = input.toString('latin1', at, at + 4);
    if (name === 'VP8L') return true;
    if (name === 'VP8 ') return false;
    const bytes = input.readUInt32LE(at + 4);
    at += 8 + bytes + (bytes % 2);
  }
  return false;
}

module.exports = { convert };
