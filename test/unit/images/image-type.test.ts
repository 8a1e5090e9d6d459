import { HEAD_BYTES, imageTypeOf } from '../../../lib/images/image-type';
import { ACCEPTED, CONVERTIBLE, NO_PICTURES, picture, UNSUPPORTED } from '../../support/pictures';

const head = (name: string): Buffer => picture(name).subarray(0, HEAD_BYTES);

describe('imageTypeOf', () => {
  it.each(Object.entries(ACCEPTED))('takes %s as %s', (name, mime) => {
    expect(imageTypeOf(head(name))).toMatchObject({ kind: 'accepted', mime });
  });

  it.each(Object.entries(CONVERTIBLE))('knows %s as one to be converted', (name, mime) => {
    expect(imageTypeOf(head(name))).toMatchObject({ kind: 'convertible', mime });
  });

  it.each([
    ['an AVIF', 'mif1', ['mif1', 'avif'], { kind: 'convertible', mime: 'image/avif' }],
    ['an AVIF sequence', 'avis', ['avif', 'msf1'], { kind: 'unsupported', name: 'AVIF sequence' }],
    ['an AVIF sequence', 'avif', ['avif', 'avis'], { kind: 'unsupported', name: 'AVIF sequence' }],
    ['a HEIC', 'heic', ['mif1', 'avif'], { kind: 'unsupported', name: 'HEIC' }],
    ['a HEIF', 'mif1', ['mif1', 'heic'], { kind: 'unsupported', name: 'HEIF' }],
  ])('knows %s by its brands %s and %j', (_what, major, others, type) => {
    const size = Buffer.of(0, 0, 0, 16 + 4 * others.length);
    const text = `ftyp${major}\0\0\0\0${others.join('')}avis`;
    // What follows the box is none of its brands.
    expect(imageTypeOf(Buffer.concat([size, Buffer.from(text)]))).toMatchObject(type);
  });

  it('reads no more brands than a file may sensibly name', () => {
    const heif = (others: number): Buffer => {
      const size = Buffer.alloc(4);
      size.writeUInt32BE(16 + 4 * (others + 1));
      return Buffer.concat([size, Buffer.from(`ftypmif1\0\0\0\0${'heix'.repeat(others)}avif`)]);
    };
    expect(imageTypeOf(heif(100))).toMatchObject({ name: 'AVIF' });
    expect(imageTypeOf(heif(10_000))).toMatchObject({ name: 'HEIF' });
  });

  it.each(UNSUPPORTED)('knows %s as a picture that Imgur refuses', (name) => {
    expect(imageTypeOf(head(name)).kind).toBe('unsupported');
  });

  it.each(NO_PICTURES)('knows %s as no picture', (name) => {
    expect(imageTypeOf(head(name))).toEqual({ kind: 'none' });
  });

  it('takes a GIF that goes on as HTML for the GIF that it begins as', () => {
    expect(imageTypeOf(head('polyglot.gif'))).toMatchObject({ mime: 'image/gif' });
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a ZIP archive', Buffer.from('PK\x03\x04'.padEnd(32, '\0'), 'latin1')],
    ['an ASF film', Buffer.from('3026b2758e66cf11a6d900aa0062ce6c'.padEnd(64, '0'), 'hex')],
    ['text that begins like a BMP', Buffer.from('BMW makes cars, and this is a text.')],
    ['an HEIF box without a size', Buffer.from('\0\0\0\0ftypheic'.padEnd(32, '\0'), 'latin1')],
    ['a JPEG XL box without a size', Buffer.from('\0\0\0\0JXL \r\n\x87\n'.padEnd(32), 'latin1')],
    ['a film in the same container', Buffer.from('\0\0\0\x20ftypisom'.padEnd(32, '\0'), 'latin1')],
    ['half a PNG signature', Buffer.from('89504e47', 'hex')],
  ])('takes %s for no picture', (_what, bytes) => {
    expect(imageTypeOf(bytes)).toEqual({ kind: 'none' });
  });

  it.each([
    ['JPEG XL', Buffer.from('ff0a'.padEnd(64, '0'), 'hex')],
    ['JPEG XL', Buffer.from('0000000c4a584c200d0a870a'.padEnd(64, '0'), 'hex')],
    ['BigTIFF', Buffer.from('II+\0'.padEnd(32, '\0'), 'latin1')],
    ['icon', Buffer.from('00000100010010100000'.padEnd(64, '0'), 'hex')],
  ])('knows a %s by its signature', (name, bytes) => {
    expect(imageTypeOf(bytes)).toEqual({ kind: 'unsupported', name });
  });
});
