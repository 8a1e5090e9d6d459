import { isAnimated, judgePicture, pictureSize } from '../../../lib/imgur-stand-in/picture';
import { fixture } from './imgur-under-test';

const TAKEN = [
  ['baseline.jpg', 'jpg', 640, 480, false],
  ['progressive.jpg', 'jpg', 640, 480, false],
  ['cmyk.jpg', 'jpg', 640, 480, false],
  ['rgb8.png', 'png', 320, 240, false],
  ['palette.png', 'png', 200, 150, false],
  ['rgb16.png', 'png', 200, 150, false],
  ['interlaced.png', 'png', 200, 150, false],
  ['animated.gif', 'gif', 120, 90, true],
  ['still.gif', 'gif', 160, 120, false],
  ['plain.bmp', 'bmp', 120, 90, false],
  ['little.tiff', 'tiff', 160, 120, false],
  ['big.tiff', 'tiff', 160, 120, false],
] as const;

describe('the stand-in judges by the bytes', () => {
  test.each(TAKEN)('%s is a %s of %d by %d pixels', (name, ext, width, height, animated) => {
    const bytes = fixture(name);
    expect(judgePicture(bytes)?.ext).toBe(ext);
    expect(pictureSize(bytes, ext)).toEqual({ width, height });
    expect(isAnimated(bytes, ext)).toBe(animated);
  });

  test.each([
    'lossy.webp',
    'lossless.webp',
    'still.heic',
    'still.avif',
    'active.svg',
    'document.pdf',
    'page.jpg',
  ])('%s is none that Imgur takes', (name) => {
    expect(judgePicture(fixture(name))).toBeNull();
  });

  test('a text that begins with BM is no bitmap, and nothing is nothing', () => {
    expect(judgePicture(Buffer.from('BMW builds cars and motorcycles'))).toBeNull();
    expect(judgePicture(Buffer.alloc(0))).toBeNull();
  });

  test('a page that begins as a GIF is taken for one', () => {
    expect(judgePicture(fixture('polyglot.gif'))?.type).toBe('image/gif');
  });
});

describe('size and movement', () => {
  const unknown = { width: 0, height: 0 };

  test.each(TAKEN)('%s cut anywhere never throws and never loops', (name, ext, width, height) => {
    const bytes = fixture(name);
    for (let length = 0; length < 400; length += 1) {
      const cut = bytes.subarray(0, length);
      const size = pictureSize(cut, ext);
      expect([0, width]).toContain(size.width);
      expect([0, height]).toContain(size.height);
      expect(isAnimated(cut, ext)).toBe(false);
    }
  });

  test('a JPEG segment of length 0 ends the search', () => {
    const stuck = Buffer.from('ffd8ffe00000ffe00000', 'hex');
    expect(pictureSize(stuck, 'jpg')).toEqual(unknown);
  });

  test('fill bytes before a JPEG marker are skipped', () => {
    const filled = Buffer.from('ffd8ffffffc0001108001000200300', 'hex');
    expect(pictureSize(filled, 'jpg')).toEqual({ width: 32, height: 16 });
  });

  test('old and upside-down bitmaps', () => {
    const old = Buffer.alloc(26);
    old.writeUInt32LE(12, 14);
    old.writeUInt16LE(7, 18);
    old.writeUInt16LE(5, 20);
    expect(pictureSize(old, 'bmp')).toEqual({ width: 7, height: 5 });
    const turned = Buffer.from(fixture('plain.bmp'));
    turned.writeInt32LE(-90, 22);
    expect(pictureSize(turned, 'bmp')).toEqual({ width: 120, height: 90 });
  });

  test('an acTL chunk before the pixels makes a PNG move', () => {
    const png = fixture('palette.png');
    const control = Buffer.concat([
      Buffer.from('00000008', 'hex'),
      Buffer.from('acTL'),
      Buffer.alloc(12),
    ]);
    // The signature and IHDR take 33 bytes.
    const animated = Buffer.concat([png.subarray(0, 33), control, png.subarray(33)]);
    expect(isAnimated(animated, 'png')).toBe(true);
  });
});
