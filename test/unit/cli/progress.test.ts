import { createProgressBar, progressLine } from '../../../cli/progress';

const START = { total: 40, complete: 0, failed: 0, elapsedMs: 100, pausedUntil: null };

describe('the line of progress', () => {
  it('is a bar with counts', () => {
    expect(progressLine(START, 100)).toBe(`${'░'.repeat(40)} 0/40`);
    expect(progressLine({ ...START, complete: 9, failed: 1 }, 100)).toBe(
      `${'█'.repeat(10)}${'░'.repeat(30)} 10/40, 1 failed`,
    );
  });

  it.each([
    [10_000, 'about 30 s left'],
    [60_000, 'about 3 min left'],
    [7_200_000, 'about 6 h left'],
  ])('after %i ms for a quarter says %s', (elapsedMs, words) => {
    expect(progressLine({ ...START, complete: 10, elapsedMs }, 100)).toMatch(
      new RegExp(`10/40, ${words}$`),
    );
  });

  it('says until when uploads are paused', () => {
    const pausedUntil = new Date(2026, 10, 20, 14, 32, 5).toISOString();
    expect(progressLine({ ...START, pausedUntil }, 100)).toMatch(/0\/40, paused until 14:32:05$/);
  });

  it.each([10, 20, 30, 45, 80, 300])('is never wider than a terminal of %i columns', (columns) => {
    const line = progressLine({ ...START, complete: 11, failed: 1, elapsedMs: 9000 }, columns);
    expect(line.length).toBeLessThan(columns);
  });
});

describe('the progress bar', () => {
  const drawnOn = (stream: { isTTY: boolean; columns: number }): string => {
    let text = '';
    const write = (part: string): boolean => Boolean((text += part));
    const bar = createProgressBar({ ...stream, write } as unknown as NodeJS.WriteStream);
    bar.show(START);
    bar.show(START);
    bar.clear();
    bar.clear();
    return text;
  };

  it('is drawn over and over in one line, and leaves nothing', () => {
    expect(drawnOn({ isTTY: true, columns: 20 })).toMatch(/^\r░+ 0\/40\x1b\[K\r\x1b\[K$/); // eslint-disable-line no-control-regex
  });

  it('is not drawn where there is no terminal', () => {
    expect(drawnOn({ isTTY: false, columns: 80 })).toBe('');
  });
});
