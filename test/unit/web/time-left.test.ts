import {
  addSample,
  agoWords,
  byteWords,
  clockWords,
  durationWords,
  timeLeft,
  timeLeftWords,
  type ProgressSample,
} from '../../../web/time-left';

describe('the time left', () => {
  const samples = (...pairs: [number, number][]): readonly ProgressSample[] =>
    pairs.reduce<readonly ProgressSample[]>(
      (before, [at, done]) => addSample(before, { at, done }),
      [],
    );

  it('goes by the pace so far', () => {
    expect(timeLeft(samples([0, 0], [10_000, 20]), 100)).toBe(40_000);
  });

  it('forgets how it was more than half a minute ago', () => {
    const changed = samples([0, 0], [10_000, 900], [40_001, 910], [60_000, 930]);
    expect(timeLeft(changed, 1000)).toBeCloseTo((70 * 19_999) / 20);
  });

  it.each([
    ['nothing is known', []],
    [
      'it has just begun',
      [
        [0, 0],
        [1000, 5],
      ],
    ],
    [
      'nothing moves',
      [
        [0, 5],
        [20_000, 5],
      ],
    ],
  ] as [string, [number, number][]][])('is unknown while %s', (_when, pairs) => {
    expect(timeLeft(samples(...pairs), 100)).toBeNull();
  });

  it.each([
    [0, 'a few seconds left'],
    [4999, 'a few seconds left'],
    [11_000, 'about 15 s left'],
    [59_000, 'about 60 s left'],
    [60_000, 'about 1 min left'],
    [3_599_000, 'about 1 h 00 min left'],
    [5_400_000, 'about 1 h 30 min left'],
  ])('%d ms in words', (ms, words) => {
    expect(timeLeftWords(ms)).toBe(words);
  });
});

describe('figures in words', () => {
  it.each([
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

  it('tells the seconds of what ends within a minute, and the day of what ends on another', () => {
    const now = new Date(2026, 10, 21, 14, 30, 10);
    const at = (...time: [number, number, number]): Date => new Date(2026, 10, 21, ...time);
    expect(clockWords(at(14, 32, 0), now)).toBe('14:32');
    expect(clockWords(at(14, 30, 40), now)).toBe('14:30:40');
    expect(clockWords(at(14, 30, 5), now)).toBe('14:30');
    expect(clockWords(new Date(2026, 10, 22, 14, 32), now)).toMatch(/22.*14:32$/);
  });
});
