import type { Browser, Page } from 'playwright-core';
import { awaitUntil } from '../support/await-until';
import { describeInChromium, launchChromium, openPage } from '../support/browser';
import type { ImageBody } from '../support/service';
import { startService, type Service } from '../support/service';

jest.setTimeout(60_000);
// Long tasks are measured by the clock of a machine that browser, service and other tests share.
jest.retryTimes(2, { logErrorsBeforeRetry: true });

const MOST_MS = 200;
const NOTE_LONG_TASKS = `globalThis.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longTasks.push(Math.round(duration));
  }).observe({ type: 'longtask', buffered: true });`;
/** Goes on to the end until so many pieces are shown. */
const scrollUntil = (count: number, piece: string): string => `(async () => {
  while (document.querySelectorAll('${piece}').length < ${count}) {
    scrollBy(0, 2 * innerHeight);
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  }
})()`;

describeInChromium('the page with much to show', () => {
  let browser: Browser;
  let service: Service;
  beforeAll(async () => {
    [browser, service] = await Promise.all([launchChromium(), startService()]);
  });
  afterAll(async () => {
    await Promise.all([browser.close(), service.stop()]);
  });

  const longTasks = (page: Page): Promise<number[]> => page.evaluate('longTasks');

  it('has no long task while it polls a job of 1,000 images', async () => {
    const { page, troubles, close } = await openPage(browser);
    const id = '55355b7c-0000-4000-8000-000000000000';
    const created = new Date().toISOString();
    let polls = 0;
    // Each poll finds 100 more done, 32 under way, and every tenth failed.
    const images = (): ImageBody[] =>
      Array.from({ length: 1000 }, (_, n) => imageOf(n, polls * 100));
    await page.route('**/health', (route) =>
      route.fulfill({
        json: { status: 'ok', imgur: 'embedded', pending: 500, inFlight: 32, pausedUntil: null },
      }),
    );
    await page.route(`**/v1/images/upload/${id}`, (route) =>
      route.fulfill({ json: { id, created, finished: null, status: 'in-progress' } }),
    );
    await page.route(`**/v1/images/upload/${id}/images`, (route) => {
      polls += 1;
      return route.fulfill({ json: { images: images() } });
    });
    await page.addInitScript(NOTE_LONG_TASKS);
    await page.goto(`${service.url}/#/jobs/${id}`);
    await page.getByRole('heading', { name: 'Uploading 1,000 images' }).waitFor();
    await page.evaluate(scrollUntil(1000, '.image'));
    await awaitUntil('six polls', () => polls >= 6);
    await page.getByText(/about|few seconds/).waitFor();
    expect(await page.locator('.image').count()).toBe(1000);
    await page.getByRole('button', { name: /^Failed/ }).click();
    await page.getByRole('button', { name: /^All/ }).click();
    expect((await longTasks(page)).filter((ms) => ms > MOST_MS)).toEqual([]);
    expect(troubles).toEqual([]);
    await close();
  });

  it('has no long task in a gallery of 10,000 links, and loads only what is near', async () => {
    const { page, troubles, close } = await openPage(browser);
    let count = 10_000;
    let polls = 0;
    let pictures = 0;
    const { samples } = (await (await fetch(`${service.url}/health`)).json()) as {
      samples: string[];
    };
    const job = await service.completed(await service.submit(samples.slice(0, 1)));
    const [link] = job.uploaded.complete;
    await page.route('**/v1/images', (route) => {
      polls += 1;
      count += 1;
      const uploaded = Array.from({ length: count }, (_, n) => `${link}?${n}`);
      return route.fulfill({ json: { uploaded } });
    });
    page.on('request', (request) => {
      if (request.resourceType() === 'image') pictures += 1;
    });
    await page.route('**/health', (route) =>
      route.fulfill({
        json: { status: 'ok', imgur: 'embedded', pending: 1, inFlight: 1, pausedUntil: null },
      }),
    );
    await page.addInitScript(NOTE_LONG_TASKS);
    await page.goto(`${service.url}/#/gallery`);
    await page.getByText(/^10,00\d pictures, the newest first$/).waitFor();
    await awaitUntil('some pictures', () => pictures > 0);
    expect(pictures).toBeLessThan(200);
    const before = polls;
    await page.evaluate(scrollUntil(1200, '.tile'));
    await awaitUntil('another poll', () => polls > before);
    expect((await longTasks(page)).filter((ms) => ms > MOST_MS)).toEqual([]);
    expect(troubles).toEqual([]);
    await close();
  });
});

function imageOf(n: number, done: number): ImageBody {
  const base = { url: `https://source.example/albums/${n % 7}/picture-${n}.jpg`, link: null };
  const unknown = { error: null, bytes: null, type: null, durationMs: null };
  if (n >= done + 32) return { ...base, ...unknown, status: 'pending', attempts: 0 };
  if (n >= done) return { ...base, ...unknown, status: 'in-progress', attempts: 1 };
  if (n % 10 === 9) {
    const error = { code: 'source_status', message: 'The source answered 404.', retryable: false };
    return { ...base, ...unknown, status: 'failed', attempts: 3, error, durationMs: 90 };
  }
  return {
    ...base,
    // Not to be opened, and so not to be fetched.
    link: `embedded:p${n}.jpg`,
    status: 'complete',
    error: null,
    attempts: 1,
    bytes: 48_000 + n,
    type: 'image/jpeg',
    durationMs: 120,
  };
}
