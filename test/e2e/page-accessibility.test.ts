import axe, { type AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { describeInChromium, launchChromium, openPage, type OpenPage } from '../support/browser';
import { awaitUntil } from '../support/await-until';
import { startService, type Service } from '../support/service';

jest.setTimeout(120_000);

const DESK = { width: 1200, height: 900 };
/** How each view is looked at, one after the other. */
const WAYS = [
  { way: 'in light', colorScheme: 'light', viewport: DESK },
  { way: 'in dark', colorScheme: 'dark', viewport: DESK },
  { way: 'on a phone', colorScheme: 'light', viewport: { width: 360, height: 740 } },
] as const;
const AXE_RUN = `axe.run({ resultTypes: ['violations'] })`;
/** What is on its way from one colour to the next has a contrast of its own. */
const AT_REST = `Promise.all(document.getAnimations()
  .filter(({ effect }) => effect.getTiming().iterations !== Infinity)
  .map(({ finished }) => finished))`;

/** What is touched and smaller than 44 pixels, but for links within texts. */
const SMALL = `[...document.querySelectorAll('a, button, input, select, textarea, summary')]
  .filter((piece) => piece.checkVisibility() && !piece.matches('.skip-link, p a'))
  .map((piece) => [piece.outerHTML.slice(0, 80), piece.getBoundingClientRect()])
  .filter(([, { width, height }]) => width > 0 && (width < 44 || height < 44))
  .map(([html, { width, height }]) => [html, width, height])`;

describeInChromium('the page for everybody', () => {
  let browser: Browser;
  let service: Service;
  let shared: OpenPage;
  let page: Page;
  let jobId: string;

  beforeAll(async () => {
    [browser, service] = await Promise.all([launchChromium(), startService()]);
    shared = await openPage(browser);
    page = shared.page;
    const { samples } = (await (await fetch(`${service.url}/health`)).json()) as {
      samples: string[];
    };
    jobId = await service.submit([...samples, 'http://127.0.0.1:9/blocked.png']);
    await service.completed(jobId);
  });
  afterAll(async () => {
    await Promise.all([browser.close(), service.stop()]);
  });
  afterEach(() => shared.clear());

  const open = async (hash: string): Promise<void> => {
    await page.goto(`${service.url}/${hash}`);
  };
  const views = {
    upload: async () => {
      await open('#/');
      await page.getByRole('button', { name: 'Use the sample pictures' }).click();
      const links = page.getByLabel('Links', { exact: true });
      await links.fill(
        `${await links.inputValue()}\nphoto.jpg\nhttp://a.example/\nhttp://a.example/#`,
      );
      await page.getByText('1 duplicate left out').first().waitFor();
      await page.getByText('Use another Client-ID').click();
    },
    'a job': async () => {
      await open(`#/jobs/${jobId}`);
      await page.getByText('not a public address').waitFor();
    },
    'a job under way': async () => {
      // As a service says it that has begun with the first image. Its answers are read before, as the
      // page may go while it asks.
      const address = `${service.url}/v1/images/upload/${jobId}`;
      const job = (await (await fetch(address)).json()) as object;
      const { images } = (await (await fetch(`${address}/images`)).json()) as { images: object[] };
      const unknown = { link: null, error: null };
      const begun = images.map((image, n) =>
        n < 2 ? image : { ...image, ...unknown, status: n < 4 ? 'in-progress' : 'pending' },
      );
      await page.route(`**/upload/${jobId}**`, (route) =>
        route.fulfill({ json: { ...job, finished: null, status: 'in-progress' } }),
      );
      await page.route(`**/upload/${jobId}/images`, (route) =>
        route.fulfill({ json: { images: begun } }),
      );
      await open(`#/jobs/${jobId}`);
      await page.getByText('Under way', { exact: true }).first().waitFor();
      await page.getByRole('button', { name: 'Cancel job' }).click();
    },
    'a job that nobody knows': async () => {
      await open('#/jobs/55355b7c-0000-4000-8000-000000000000');
      await page.getByRole('heading', { name: 'There is no such job' }).waitFor();
    },
    'the menu of a job': async () => {
      await open(`#/jobs/${jobId}`);
      await page.getByText('More', { exact: true }).click();
      await page.getByText('Download as CSV').waitFor();
    },
    'a picture that is looked at': async () => {
      await open(`#/jobs/${jobId}`);
      await page
        .getByRole('button', { name: /^Look at/ })
        .first()
        .click();
      await page
        .getByRole('dialog')
        .getByText(/^\d+ × \d+ · /)
        .waitFor();
    },
    'the gallery': async () => {
      await open('#/gallery');
      await page.locator('.tile').nth(4).waitFor();
    },
    'the prompt for the key': async () => {
      await page.route('**/v1/**', (route) =>
        route.fulfill({ status: 401, contentType: 'application/problem+json', body: '{}' }),
      );
      await open('#/');
      await page.getByRole('form', { name: /key/ }).waitFor();
      await page.getByLabel('Key', { exact: true }).press('Enter');
      await page.getByRole('alert').getByText('Enter the key').waitFor();
    },
    'the banners': async () => {
      const until = new Date(Date.now() + 600_000).toISOString();
      const health = { status: 'draining', imgur: 'embedded', pending: 1, inFlight: 1 };
      await page.route('**/health', (route) =>
        route.fulfill({ status: 503, json: { ...health, pausedUntil: until } }),
      );
      await open('#/');
      await page.getByText('Imgur asked us to wait').waitFor();
    },
  };

  it.each(Object.entries(views))('axe finds nothing in %s', async (_view, show) => {
    await show();
    await page.evaluate(axe.source);
    for (const { way, colorScheme, viewport } of WAYS) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      await page.evaluate(AT_REST);
      const { violations } = await page.evaluate<AxeResults>(AXE_RUN);
      expect(
        violations.map(({ id, nodes }) => [
          way,
          id,
          nodes.map(({ html, failureSummary }) => [html, failureSummary]),
        ]),
      ).toEqual([]);
      const overflow =
        'document.documentElement.scrollWidth - document.documentElement.clientWidth';
      expect([way, await page.evaluate(overflow)]).toEqual([way, 0]);
    }
  });

  it.each(['#/', '#/gallery', 'job'])('has room for a finger on a phone: %s', async (place) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${service.url}/${place === 'job' ? `#/jobs/${jobId}` : place}`);
    await page.getByText(/^(Recent jobs|\d+ pictures, the newest first|More)$/).waitFor();
    await page.locator('.thumbnail').first().waitFor();
    expect(await page.evaluate(SMALL)).toEqual([]);
  });

  it.each([
    ['at a desk', 1200],
    ['on a phone', 390],
  ])('keeps as much room for a row that is not drawn yet as it takes %s', async (_way, width) => {
    await page.setViewportSize({ width, height: 844 });
    await page.goto(`${service.url}/#/jobs/${jobId}`);
    await page.locator('.image .image-link').first().waitFor();
    const heightOf = (way: string): Promise<number> =>
      page.evaluate(`(() => {
        const row = document.querySelectorAll('.image')[1];
        row.style.contentVisibility = '${way}';
        // What was seen of it is not remembered.
        row.style.containIntrinsicHeight =
          getComputedStyle(row).containIntrinsicHeight.replace('auto ', '');
        return row.getBoundingClientRect().height;
      })()`);
    const [drawn, kept] = [await heightOf('visible'), await heightOf('hidden')];
    expect(Math.abs(drawn - kept)).toBeLessThanOrEqual(1);
  });

  it('shows what is chosen, and how it is, where colours are the reader’s own', async () => {
    await page.emulateMedia({ forcedColors: 'active' });
    await page.goto(`${service.url}/#/jobs/${jobId}`);
    const chosen = page.getByRole('button', { name: /^All/ });
    await chosen.waitFor();
    const styleOf = (selector: string, name: string): Promise<string> =>
      page.evaluate(`getComputedStyle(document.querySelector('${selector}')).${name}`);
    expect(await styleOf('.filters [aria-pressed=true]', 'outlineStyle')).toBe('solid');
    expect(await styleOf('.filters [aria-pressed=false]', 'outlineStyle')).toBe('none');
    const ground = await styleOf('.pill', 'backgroundColor');
    expect(await styleOf('.pill-dot', 'backgroundColor')).not.toBe(ground);
  });

  it('is used by keyboard: the skip link leads to the content, headings take the focus', async () => {
    await page.goto(service.url);
    await page.getByText('Recent jobs').waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    await page.getByRole('link', { name: 'Gallery' }).press('Enter');
    await awaitUntil('the heading to be focused', () =>
      page.evaluate(`document.activeElement.tagName === 'H1'`),
    );
    expect(await page.title()).toBe('Gallery – image-relay');
    expect(await page.evaluate('location.hash')).toBe('#/gallery');
  });
});
