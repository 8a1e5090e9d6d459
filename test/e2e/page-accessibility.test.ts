import axe, { type AxeResults } from 'axe-core';
import type { Browser } from 'playwright-core';
import { describeInChromium, launchChromium, openPage } from '../support/browser';
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
const AT_REST = 'Promise.all(document.getAnimations().map(({ finished }) => finished))';

describeInChromium('the page for everybody', () => {
  let browser: Browser;
  let service: Service;
  let jobId: string;

  beforeAll(async () => {
    [browser, service] = await Promise.all([launchChromium(), startService()]);
    const { samples } = (await (await fetch(`${service.url}/health`)).json()) as {
      samples: string[];
    };
    jobId = await service.submit([...samples, 'http://127.0.0.1:9/blocked.png']);
    await service.completed(jobId);
  });
  afterAll(async () => {
    await Promise.all([browser.close(), service.stop()]);
  });

  const views = {
    upload: async (open: OpenView) => {
      await open('#/');
      await open.page.getByRole('button', { name: 'Use the sample pictures' }).click();
      const links = open.page.getByLabel('Links', { exact: true });
      await links.fill(
        `${await links.inputValue()}\nphoto.jpg\nhttp://a.example/\nhttp://a.example/#`,
      );
      await open.page.getByText('1 duplicate left out').first().waitFor();
      await open.page.getByText('Use another Client-ID').click();
    },
    'a job': async (open: OpenView) => {
      await open(`#/jobs/${jobId}`);
      await open.page.getByText('not a public address').waitFor();
    },
    'the menu of a job': async (open: OpenView) => {
      await open(`#/jobs/${jobId}`);
      await open.page.getByText('More', { exact: true }).click();
      await open.page.getByText('Download as CSV').waitFor();
    },
    'a picture that is looked at': async (open: OpenView) => {
      await open(`#/jobs/${jobId}`);
      await open.page
        .getByRole('button', { name: /^Look at/ })
        .first()
        .click();
      await open.page
        .getByRole('dialog')
        .getByText(/^\d+ × \d+ · /)
        .waitFor();
    },
    'the gallery': async (open: OpenView) => {
      await open('#/gallery');
      await open.page.locator('.tile').nth(4).waitFor();
    },
    'the prompt for the key': async (open: OpenView) => {
      await open.page.route('**/v1/**', (route) =>
        route.fulfill({ status: 401, contentType: 'application/problem+json', body: '{}' }),
      );
      await open('#/');
      await open.page.getByRole('dialog').waitFor();
      await open.page.keyboard.press('Enter');
      await open.page.getByRole('alert').getByText('Enter the key').waitFor();
    },
    'the banners': async (open: OpenView) => {
      const until = new Date(Date.now() + 600_000).toISOString();
      const health = { status: 'draining', imgur: 'embedded', pending: 1, inFlight: 1 };
      await open.page.route('**/health', (route) =>
        route.fulfill({ status: 503, json: { ...health, pausedUntil: until } }),
      );
      await open('#/');
      await open.page.getByText('Imgur asked us to wait').waitFor();
    },
  };
  type OpenView = ((hash: string) => Promise<void>) & { page: OpenPageOf };
  type OpenPageOf = Awaited<ReturnType<typeof openPage>>['page'];

  it.each(Object.entries(views))('axe finds nothing serious in %s', async (_view, show) => {
    const { page, close } = await openPage(browser);
    const open: OpenView = Object.assign(
      async (hash: string) => {
        await page.goto(`${service.url}/${hash}`);
      },
      { page },
    );
    await show(open);
    await page.evaluate(axe.source);
    for (const { way, colorScheme, viewport } of WAYS) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      await page.evaluate(AT_REST);
      const { violations } = await page.evaluate<AxeResults>(AXE_RUN);
      const serious = violations.filter(
        ({ impact }) => impact === 'serious' || impact === 'critical',
      );
      expect(
        serious.map(({ id, nodes }) => [
          way,
          id,
          nodes.map(({ html, failureSummary }) => [html, failureSummary]),
        ]),
      ).toEqual([]);
      const overflow =
        'document.documentElement.scrollWidth - document.documentElement.clientWidth';
      expect([way, await page.evaluate(overflow)]).toEqual([way, 0]);
    }
    await close();
  });

  it('is used by keyboard: the skip link leads to the content, headings take the focus', async () => {
    const { page, close } = await openPage(browser);
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
    await close();
  });
});
