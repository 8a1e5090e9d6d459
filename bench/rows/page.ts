import type { Browser, Page } from 'playwright-core';
import { hasChromium, launchChromium, openPage } from '../../test/support/browser';
import type { Figure, Row } from '../lab';
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
    const links = lab.size(3000, 600);
    const following: number[] = [];
    const editing: number[] = [];
    try {
      for (let round = 1; round <= 3; round += 1) {
        lab.progress(`page: round ${round} of 3`);
        const id = await service.submit(lab.pictures(images, { bytes: 2000, delayMs: 200 }));
        following.push(
          await longestTask(browser, `${service.client.base}/#/jobs/${id}`, scrollUntilComplete),
        );
        editing.push(
          await longestTask(browser, `${service.client.base}/`, (tab) =>
            pasteAndDelete(tab, links),
          ),
        );
      }
    } finally {
      await browser.close();
    }
    return [
      figure(`over a job of ${images} that it scrolls through and polls`, following),
      figure(`while ${links} links are pasted and deleted by keyboard`, editing),
    ];
  },
};

const figure = (when: string, samples: number[]): Figure => ({
  what: `longest task of the page ${when}`,
  unit: 'ms',
  value: median(samples),
  limit: { at: 'most', value: 200 },
  samples,
  details: 'what is under 50 ms counts as 0',
});

/** @returns in milliseconds; 0 where no task takes 50. */
async function longestTask(
  browser: Browser,
  address: string,
  act: (page: Page) => Promise<void>,
): Promise<number> {
  const open = await openPage(browser, { permissions: ['clipboard-read', 'clipboard-write'] });
  // Links lead to Imgur, and nothing here asks it for a picture.
  await open.page.route(
    ({ hostname }) => hostname !== '127.0.0.1',
    (route) => route.abort(),
  );
  await open.page.addInitScript(NOTE_LONG_TASKS);
  await open.page.goto(address);
  await act(open.page);
  const tasks = await open.page.evaluate<number[]>('longTasks');
  await open.close();
  return Math.max(0, ...tasks);
}

async function pasteAndDelete(page: Page, count: number): Promise<void> {
  const links = Array.from({ length: count }, (_, n) => `https://a.example/${n}.png`).join('\n');
  await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(links)})`);
  await page.getByLabel('Links', { exact: true }).focus();
  await page.keyboard.press('Control+V');
  const button = page.locator('button[type=submit]');
  await button.getByText(`Upload ${count.toLocaleString('en')} images`).waitFor();
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Delete');
  await button.getByText(/^Upload$/).waitFor();
}

async function scrollUntilComplete(page: Page): Promise<void> {
  const end = page.getByRole('heading', { name: /images uploaded$/ });
  while (!(await end.isVisible())) {
    await page.evaluate(SCROLL);
    await page.waitForTimeout(50);
  }
}
