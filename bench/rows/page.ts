import type { Page } from 'playwright-core';
import { hasChromium, launchChromium, openPage } from '../../test/support/browser';
import type { Row } from '../lab';
import { median } from '../statistics';

const NOTE_LONG_TASKS = `globalThis.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longTasks.push(duration);
  }).observe({ type: 'longtask', buffered: true });`;
/** All rows are shown, as far as the page has any, so that each poll could draw them all. */
const SCROLL = 'scrollTo(0, document.documentElement.scrollHeight)';

export const page: Row = {
  name: 'page',
  async measure(lab) {
    if (!hasChromium) {
      lab.progress('page: left out, as there is no Chromium');
      return [];
    }
    const service = await lab.service();
    const browser = await launchChromium();
    const images = lab.size(1000, 200);
    const samples: number[] = [];
    try {
      for (let round = 1; round <= 3; round += 1) {
        lab.progress(`page: round ${round} of 3`);
        const id = await service.submit(lab.pictures(images, { bytes: 2000, delayMs: 200 }));
        const open = await openPage(browser);
        // Links lead to Imgur, and nothing here asks it for a picture.
        await open.page.route(
          ({ hostname }) => hostname !== '127.0.0.1',
          (route) => route.abort(),
        );
        await open.page.addInitScript(NOTE_LONG_TASKS);
        await open.page.goto(`${service.client.base}/#/jobs/${id}`);
        await scrollUntilComplete(open.page);
        samples.push(Math.max(0, ...(await open.page.evaluate<number[]>('longTasks'))));
        await open.close();
      }
    } finally {
      await browser.close();
    }
    return [
      {
        what: `longest task of the page over a job of ${images} that it scrolls through and polls`,
        unit: 'ms',
        value: median(samples),
        limit: { at: 'most', value: 200 },
        samples,
        details: 'what is under 50 ms counts as 0',
      },
    ];
  },
};

async function scrollUntilComplete(page: Page): Promise<void> {
  const end = page.getByRole('heading', { name: /images uploaded$/ });
  while (!(await end.isVisible())) {
    await page.evaluate(SCROLL);
    await page.waitForTimeout(50);
  }
}
