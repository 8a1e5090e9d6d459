import type { Browser, Page } from 'playwright-core';
import { awaitUntil } from '../support/await-until';
import { describeInChromium, launchChromium, openPage, type OpenPage } from '../support/browser';
import { startService, type Service } from '../support/service';
import { startSource, type SourceServer } from '../support/source-server';

jest.setTimeout(120_000);

describeInChromium('a job on the page', () => {
  let browser: Browser;
  let service: Service;
  let source: SourceServer;
  let open: OpenPage;
  let page: Page;

  beforeAll(async () => {
    source = await startSource();
    [browser, service] = await Promise.all([
      launchChromium(),
      startService({ DOWNLOAD_ALLOWED_NETWORKS: '127.0.0.0/8' }),
    ]);
    open = await openPage(browser, { locale: 'en-GB' });
    page = open.page;
  });
  afterAll(async () => {
    await Promise.all([browser.close(), service.stop()]);
    await source.close();
  });
  beforeEach(async () => {
    await page.goto(service.url);
  });
  afterEach(async () => {
    const troubles = [...open.troubles];
    await open.clear();
    if (troubles.length > 0) throw new Error(`Trouble on the page: ${troubles.join('\n')}`);
  });

  const rows = () => page.getByRole('list', { name: 'Images' }).getByRole('listitem');
  /** Lets the page see a job that is made up. */
  const pretend = async (status: string, images: object[]): Promise<void> => {
    const id = '55355b7c-0000-4000-8000-000000000000';
    const created = new Date().toISOString();
    const finished = status === 'complete' ? created : null;
    await page.route(`**/upload/${id}`, (route) =>
      route.fulfill({ json: { id, created, finished, status } }),
    );
    await page.route(`**/upload/${id}/images`, (route) => route.fulfill({ json: { images } }));
    await page.goto(`${service.url}/#/jobs/${id}`);
  };
  const unknown = { link: null, attempts: 1, bytes: null, type: null, durationMs: null };

  it('marks as old what it shows while the service is away, and says so once', async () => {
    await pretend('in-progress', [
      { ...unknown, url: 'https://a.example/1.png', status: 'in-progress', error: null },
    ]);
    await page.getByText('Estimating the time left…').waitFor();
    await page.route('**/*', (route) => route.abort());
    await page.getByText(/, shown as it was at \d\d:\d\d/).waitFor();
    await page.getByText('The service can’t be reached.').waitFor();
    expect(await page.getByText('can’t be reached').count()).toBe(1);
    expect(await page.locator('.time-left').count()).toBe(0);
    expect(await rows().count()).toBe(1);
    open.troubles.splice(0);
  });

  it('tells of a long pause of Imgur, and offers no retry that is of no use', async () => {
    const until = new Date(Date.now() + 7_200_000).toISOString();
    const error = {
      code: 'imgur_rate_limited',
      message: `Imgur takes no more uploads with this credential until ${until}.`,
      retryable: false,
    };
    await pretend('complete', [
      { ...unknown, url: 'https://a.example/1.png', status: 'failed', error },
    ]);
    await page.getByText(/^Imgur takes nothing until (?:\d+ \w+, )?\d\d:\d\d\.$/).waitFor();
    expect(await rows().first().textContent()).not.toContain(until);
    expect(await page.getByRole('button', { name: /^Retry/ }).count()).toBe(0);
  });

  it('groups what failed by its reason, and finds images by a part of their address', async () => {
    const gone = (n: number, status: number) => ({
      ...unknown,
      url: `https://a.example/${status}-${n}.png`,
      status: 'failed',
      error: {
        code: 'source_status',
        message: `The source answered with status ${status}, which brings no picture.`,
        retryable: false,
      },
    });
    const many = Array.from({ length: 24 }, (_, n) => gone(n, n % 3 === 0 ? 403 : 404));
    await pretend('complete', many);
    const groups = page.getByRole('group', { name: 'Why images failed' }).getByRole('button');
    await groups.first().waitFor();
    expect(await groups.allTextContents()).toEqual(['16 × not found, 404', '8 × not allowed, 403']);
    // One line, and no progress of what is done.
    expect((await page.locator('.job-bar').boundingBox())!.height).toBeLessThan(64);
    expect((await rows().first().boundingBox())!.height).toBeLessThanOrEqual(48);
    await groups.last().click();
    expect(await rows().count()).toBe(8);
    await page.getByRole('searchbox', { name: 'Search the images' }).fill('403-9.');
    await awaitUntil('one row', async () => (await rows().count()) === 1);
  });

  it('leaves nothing that has the focus below the bar that stays', async () => {
    const failed = (n: number) => ({
      ...unknown,
      url: `https://a.example/${n}.png`,
      status: 'failed',
      error: { code: 'empty', message: 'The source sent no bytes.', retryable: false },
    });
    await pretend(
      'complete',
      Array.from({ length: 40 }, (_, n) => failed(n)),
    );
    await rows().nth(39).waitFor();
    await page.setViewportSize({ width: 900, height: 400 });
    await page.getByRole('button', { name: /^Copy the source of 39/ }).focus();
    expect((await page.locator('.job-bar').boundingBox())!.y).toBe(0);
    for (let n = 38; n > 20; n -= 1) {
      await page.keyboard.press('Shift+Tab');
      const below = await page.evaluate(`document.activeElement.getBoundingClientRect().top -
        document.querySelector('.job-bar').getBoundingClientRect().bottom`);
      expect(below).toBeGreaterThanOrEqual(0);
    }
  });

  it('shows life in what is under way, and none to whoever wants less motion', async () => {
    await pretend('in-progress', [
      { ...unknown, url: 'https://a.example/1.png', status: 'in-progress', error: null },
    ]);
    await rows().first().getByText('Under way').waitFor();
    const moving = (): Promise<number> => page.evaluate('document.getAnimations().length');
    expect(await moving()).toBe(1);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await moving()).toBe(0);
  });

  it('fills a wide window with the gallery', async () => {
    await service.completed(await service.submit([`${source.url}/palette.png`]));
    await page.setViewportSize({ width: 1920, height: 1080 });
    await page.goto(`${service.url}/#/gallery`);
    await page.locator('.tile').first().waitFor();
    expect((await page.locator('.gallery').boundingBox())!.width).toBeGreaterThan(1800);
  });

  it('gives a name and pictures to a job that somebody else has started', async () => {
    const id = await service.submit([`${source.url}/palette.png`, `${source.url}/rgb8.png`]);
    await service.completed(id);
    const job = page.locator(`a[href="#/jobs/${id}"]`);
    await job.getByText(/^127\.0\.0\.1:\d+$/).waitFor();
    await job.locator('.thumbnail').nth(1).waitFor();
    // It is none of this browser's.
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain(id);
  });

  it('lets moving pictures stand still for whoever wants that, large ones too', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const id = await service.submit([`${source.url}/still.gif`]);
    await page.goto(`${service.url}/#/jobs/${id}`);
    await rows().first().locator('canvas').waitFor();
    await rows().first().getByRole('button', { name: 'Look at still.gif' }).click();
    await page.getByRole('dialog').locator('canvas').waitFor();
    expect(await page.getByRole('dialog').locator('img:not([hidden])').count()).toBe(0);
  });
});
