import type { Browser } from 'playwright-core';
import { awaitUntil } from '../support/await-until';
import { describeInChromium, launchChromium, openPage } from '../support/browser';
import { countDraws } from '../support/draw-counter';
import { startService, type ImageBody, type Service } from '../support/service';

jest.setTimeout(120_000);

/** As many pieces as are near to what can be seen, and some more. */
const NEAR = 300;
/** Goes on to the end until so many pieces are shown. */
const scrollUntil = (count: number, piece: string): string => `(async () => {
  while (document.querySelectorAll('${piece}').length < ${count}) {
    scrollBy(0, 2 * innerHeight);
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  }
})()`;

/** Has a test tell a list once more that its end is in sight. */
const KEEP_TELL_OF_END = `IntersectionObserver = class extends IntersectionObserver {
  constructor(tell, options) {
    super(tell, options);
    window.tellOfEnd = () => tell([{ isIntersecting: true }]);
  }
}`;

describeInChromium('the page with much to show', () => {
  let browser: Browser;
  let service: Service;
  beforeAll(async () => {
    [browser, service] = await Promise.all([launchChromium(), startService()]);
  });
  afterAll(async () => {
    await Promise.all([browser.close(), service.stop()]);
  });

  it('draws of a job of 1,000 images what is near, and again what has changed', async () => {
    const { page, troubles, close } = await openPage(browser);
    const draws = await countDraws(page, 'image');
    const id = '55355b7c-0000-4000-8000-000000000000';
    const created = new Date().toISOString();
    let polls = 0;
    let done = 0;
    let doneByPoll = 0;
    await page.route('**/health', (route) =>
      route.fulfill({
        json: { status: 'ok', imgur: 'embedded', pending: 500, inFlight: 32, pausedUntil: null },
      }),
    );
    await page.route(`**/v1/images/upload/${id}`, (route) =>
      route.fulfill({ json: { id, created, finished: null, status: 'in-progress' } }),
    );
    // 32 are under way, and every tenth fails.
    await page.route(`**/v1/images/upload/${id}/images`, (route) => {
      polls += 1;
      done += doneByPoll;
      return route.fulfill({
        json: { images: Array.from({ length: 1000 }, (_, n) => imageOf(n, done)) },
      });
    });
    const rows = page.locator('.image');
    await page.goto(`${service.url}/#/jobs/${id}`);
    await page.getByRole('heading', { name: 'Uploading 1,000 images' }).waitFor();
    await rows.first().waitFor();
    expect(await rows.count()).toBeLessThan(NEAR);
    expect(await draws()).toBeLessThan(NEAR);

    await page.evaluate(scrollUntil(1000, '.image'));
    expect(await rows.count()).toBe(1000);
    await draws();
    [polls, doneByPoll] = [0, 100];
    await page.getByText(/about|few seconds/).waitFor();
    await awaitUntil('three polls', () => polls >= 3);
    const drawn = await draws();
    expect(drawn).toBeGreaterThan(100);
    // Those that have ended since, and those that have begun.
    expect(drawn).toBeLessThanOrEqual(132 * polls);
    expect(troubles).toEqual([]);
    await close();
  });

  it('draws and loads of a gallery of 100,000 links what is near, and asks for what is new alone', async () => {
    const { page, troubles, close } = await openPage(browser);
    const draws = await countDraws(page, 'tile');
    const id = '55355b7c-0000-4000-8000-000000000000';
    const created = new Date().toISOString();
    const { samples } = (await (await fetch(`${service.url}/health`)).json()) as {
      samples: string[];
    };
    const [link] = (await service.completed(await service.submit(samples.slice(0, 1)))).uploaded
      .complete;
    let complete = 10;
    let pictures = 0;
    const asked = { all: 0, job: 0 };
    const links = (from: number, to: number): string[] =>
      Array.from({ length: to - from }, (_, n) => `${link}?${from + n}`);
    await page.route('**/v1/images', (route) => {
      asked.all += 1;
      return route.fulfill({ json: { uploaded: links(0, 100_000 + complete) } });
    });
    await page.route('**/v1/images/upload?*', (route) => {
      const job = { id, created, finished: null, status: 'in-progress', pending: 9, failed: 0 };
      return route.fulfill({ json: { jobs: [{ ...job, complete }] } });
    });
    await page.route(`**/v1/images/upload/${id}`, (route) => {
      asked.job += 1;
      const uploaded = { pending: [], failed: [], complete: links(100_000, 100_000 + complete) };
      return route.fulfill({
        json: { id, created, finished: null, status: 'in-progress', uploaded },
      });
    });
    await page.route('**/health', (route) =>
      route.fulfill({
        json: { status: 'ok', imgur: 'embedded', pending: 1, inFlight: 1, pausedUntil: null },
      }),
    );
    page.on('request', (request) => {
      if (request.resourceType() === 'image') pictures += 1;
    });
    const tiles = page.locator('.tile');
    await page.goto(`${service.url}/#/gallery`);
    await page.getByText('100,010 pictures, the newest first').waitFor();
    await awaitUntil('some pictures', () => pictures > 0);
    expect(await tiles.count()).toBeLessThan(NEAR);
    expect(await draws()).toBeLessThan(NEAR);
    expect(pictures).toBeLessThan(NEAR);

    await page.evaluate(scrollUntil(1000, '.tile'));
    await draws();
    const first = (): Promise<string | null> => tiles.first().locator('a').getAttribute('href');
    expect(await first()).toBe(`${link}?100009`);
    complete = 12;
    const news = (count: number) =>
      page.getByRole('button', { name: `Show ${count} new pictures` });
    await news(2).waitFor();
    // What is looked at stays where it is, and the document has no more than a page of it.
    expect(await first()).toBe(`${link}?100009`);
    expect(await tiles.count()).toBe(1000);
    expect(await draws()).toBe(0);
    await news(2).click();
    await awaitUntil('a new tile', async () => (await first()) === `${link}?100011`);

    // By keyboard, as a press of the mouse would meet the list while it grows.
    await page.getByRole('button', { name: 'Next page' }).press('Enter');
    await page.getByText('1,001 to 2,000 of 100,012').waitFor();
    expect(await tiles.count()).toBeLessThan(NEAR);
    // A page in the middle stays as it is even at its top.
    await page.evaluate('scrollTo(0, 0)');
    const inside = await first();
    complete = 15;
    await news(3).waitFor();
    expect(await first()).toBe(inside);
    await news(3).click();
    await awaitUntil('the first page', async () => (await first()) === `${link}?100014`);
    // The list of all came once.
    expect(asked.all).toBe(1);
    expect(asked.job).toBeGreaterThanOrEqual(2);
    expect(troubles).toEqual([]);
    await close();
  });

  it('turns to the next page although the end of this one comes into sight meanwhile', async () => {
    const { page, troubles, close } = await openPage(browser);
    await page.addInitScript(KEEP_TELL_OF_END);
    const uploaded = Array.from({ length: 2500 }, (_, n) => `embedded:p${n}.jpg`);
    await page.route('**/v1/images', (route) => route.fulfill({ json: { uploaded } }));
    await page.goto(`${service.url}/#/gallery`);
    await page.getByText('1 to 1,000 of 2,500').waitFor();
    await awaitUntil('the list to look for its end', () =>
      page.evaluate('Boolean(window.tellOfEnd)'),
    );
    // Both before anything is drawn again.
    await page.evaluate(`
      [...document.querySelectorAll('button')].find((b) => b.textContent === 'Next page').click();
      tellOfEnd();
    `);
    await page.getByText('1,001 to 2,000 of 2,500').waitFor();
    expect(troubles).toEqual([]);
    await close();
  });

  it('goes on to grow although the end of another list comes into sight late', async () => {
    const { page, troubles, close } = await openPage(browser);
    await page.addInitScript(KEEP_TELL_OF_END);
    const id = '55355b7c-0000-4000-8000-000000000000';
    const at = new Date().toISOString();
    await page.route(`**/v1/images/upload/${id}`, (route) =>
      route.fulfill({ json: { id, created: at, finished: at, status: 'complete' } }),
    );
    const images = Array.from({ length: 900 }, (_, n) => imageOf(n, 900));
    await page.route(`**/v1/images/upload/${id}/images`, (route) =>
      route.fulfill({ json: { images } }),
    );
    await page.goto(`${service.url}/#/jobs/${id}`);
    await awaitUntil('the list to look for its end', () =>
      page.evaluate('Boolean(window.tellOfEnd)'),
    );
    await page.evaluate('window.tellOfFirst = tellOfEnd');
    await page.getByRole('button', { name: 'Uploaded 810' }).click();
    await awaitUntil('the other list', () => page.evaluate('tellOfEnd !== tellOfFirst'));
    await page.evaluate('tellOfFirst()');
    await page.getByText('50 of 810 images shown').waitFor();
    await page.evaluate('scrollTo(0, document.body.scrollHeight)');
    await page.locator('.image').nth(100).waitFor();
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
