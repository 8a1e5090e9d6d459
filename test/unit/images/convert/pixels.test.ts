import { avifHeadBytes, pixelsOf } from '../../../../lib/images/convert/pixels';
import { picture } from '../../../support/pictures';
import { describeWithSharp, sharp } from '../../../support/sharp';
import { animation, quarters, webpBomb } from '../../../support/web-pictures';

describeWithSharp('pixelsOf', () => {
  it.each(['lossy.webp', 'lossless.webp', 'still.avif'])('knows those of %s', async (name) => {
    const { width, height } = await sharp(picture(name)).metadata();
    const bytes = picture(name);
    const head = name.endsWith('avif') ? avifHeadBytes(bytes) : 32;
    expect(head).toBeLessThan(1000);
    expect(pixelsOf(bytes.subarray(0, head))).toBe(width * height);
  });

  it('knows those of one frame of an animation, and those of a bomb', async () => {
    expect(pixelsOf((await animation(48)).subarray(0, 32))).toBe(48 * 48);
    expect(pixelsOf(webpBomb().subarray(0, 32))).toBe(16_383 * 16_383);
  });

  it('asks for more of an AVIF until all of its properties are there', async () => {
    const avif = await quarters().avif({ effort: 1 }).toBuffer();
    const enough = avifHeadBytes(avif);
    for (let length = 32; length < enough; length += 1) {
      expect(avifHeadBytes(avif.subarray(0, length))).toBeGreaterThan(length);
    }
    expect(avifHeadBytes(avif.subarray(0, enough))).toBe(enough);
  });

  it('asks for no more of a file that has one empty box after the other', () => {
    const box = Buffer.from('\0\0\0\x08free', 'latin1');
    const boxes = Buffer.concat(Array<Buffer>(100).fill(box));
    expect(avifHeadBytes(boxes.subarray(0, 64))).toBe(72);
    expect(avifHeadBytes(boxes)).toBe(boxes.length);
  });

  it('knows nothing where the first bytes say nothing', () => {
    expect(pixelsOf(Buffer.from('RIFF....WEBPJUNK'.padEnd(32, '.')))).toBeNull();
    expect(pixelsOf(picture('still.avif').subarray(0, 32))).toBeNull();
    expect(avifHeadBytes(Buffer.alloc(32))).toBe(32);
  });
});
