import {
  agoWords,
  byteWords,
  clockWords,
  convertedWords,
  countWords,
  durationWords,
} from '../../../web/figures-in-words';

describe('figures in words', () => {
  it.each([
    [countWords(1, 'image'), '1 image'],
    [countWords(1000, 'image'), '1,000 images'],
    [durationWords(840), '840 ms'],
    [durationWords(3210), '3.2 s'],
    [durationWords(125_000), '2 min 05 s'],
    [agoWords(59_000), 'just now'],
    [agoWords(300_000), '5 min ago'],
    [agoWords(3 * 3_600_000), '3 h ago'],
    [agoWords(50 * 3_600_000), '2 days ago'],
    [byteWords(912), '912 B'],
    [byteWords(48_200), '48 kB'],
    [byteWords(2_400_000), '2.4 MB'],
  ])('%s', (words, expected) => {
    expect(words).toBe(expected);
  });

  it.each([
    ['image/jpeg', 'image/webp', 'converted from WebP'],
    ['image/png', 'image/avif', 'converted from AVIF'],
    ['image/png', 'image/png', null],
    [null, null, null],
    ['image/png', undefined, null],
  ])('says what %s was before: %s', (type, sourceType, expected) => {
    expect(convertedWords({ type, ...(sourceType === undefined ? {} : { sourceType }) })).toBe(
      expected,
    );
  });

  it('tells the seconds of what ends within a minute, and the day of what ends on another', () => {
    const now = new Date(2026, 10, 21, 14, 30, 10);
    const at = (...time: [number, number, number]): Date => new Date(2026, 10, 21, ...time);
    expect(clockWords(at(14, 32, 0), now)).toBe('14:32');
    expect(clockWords(at(14, 30, 40), now)).toBe('14:30:40');
    expect(clockWords(at(14, 30, 5), now)).toBe('14:30');
    expect(clockWords(new Date(2026, 10, 22, 14, 32), now)).toMatch(/22.*14:32$/);
  });
});
