import type { Page } from 'playwright-core';

interface Called {
  readonly functions: readonly {
    readonly ranges: readonly { startOffset: number; endOffset: number; count: number }[];
  }[];
}

/**
 * Counts how often the page draws one kind of piece, whatever comes of it in the document: the calls
 * of the function whose source names its class. (V8's precise coverage has them.)
 *
 * @param page with nothing on it yet.
 * @returns what gives the calls since it was called last; the first time at least one is expected.
 */
export async function countDraws(page: Page, className: string): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Profiler.enable');
  await session.send('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  let known: string | null = null;

  return async () => {
    const { result } = await session.send('Profiler.takePreciseCoverage');
    const calls = (result as Called[])
      .flatMap(({ functions }) => functions)
      .flatMap(({ ranges }) => ranges)
      .filter(({ count }) => count > 0);
    if (known === null) {
      const script = await page.evaluate<string>('document.scripts[0].textContent');
      const [drawing] = calls
        .filter(({ startOffset, endOffset }) =>
          script.slice(startOffset, endOffset).includes(`class:"${className}"`),
        )
        .sort((a, b) => a.endOffset - a.startOffset - (b.endOffset - b.startOffset));
      if (!drawing) throw new Error(`Expected a function that draws .${className}, found none`);
      known = `${drawing.startOffset} ${drawing.endOffset}`;
    }
    const ours = calls.find(({ startOffset: from, endOffset: to }) => `${from} ${to}` === known);
    return ours?.count ?? 0;
  };
}
