import { addSample, timeLeft, timeLeftWords, type ProgressSample } from '../../../web/time-left';

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
