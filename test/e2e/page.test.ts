import fs from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { awaitUntil } from '../support/await-until';
import { describeInChromium, launchChromium, openPage, type OpenPage } from '../support/browser';
import { picture } from '../support/pictures';
import { startService, type Service } from '../support/service';
import { describeWithSharp } from '../support/sharp';
import { startSource, type SourceServer } from '../support/source-server';

jest.setTimeout(120_000);

describeInChromium('the page, from pasted links to copied ones', () => {
  let browser: Browser;
  let service: Service;
  let source: SourceServer;
  let shared: OpenPage;
  let open: OpenPage;
  let page: Page;
  let isFixed = false;
  let letGo = (): void => undefined;
  let endBetween = (): void => undefined;
  let endHidden = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));

  beforeAll(async () => {
    source = await startSource({
      '/never.png': () => undefined,
      '/held.png': (_request, response) => {
        void held.then(() => response.end(picture('rgb8.png')));
      },
      '/between.png': (_request, response) => {
        endBetween = () => response.end(picture('rgb8.png'));
      },
      '/hidden.png': (_request, response) => {
        endHidden = () => response.end(picture('rgb8.png'));
      },
      '/flaky.png': (_request, response) => {
        if (isFixed) response.end(picture('palette.png'));
        else response.writeHead(410).end();
      },
    });
    [browser, service] = await Promise.all([
      launchChromium(),
      startService({ DOWNLOAD_ALLOWED_NETWORKS: '127.0.0.0/8', CONVERT_TIMEOUT_MS: '100000' }),
    ]);
    shared = await openPage(browser, { permissions: ['clipboard-read', 'clipboard-write'] });
  });
  afterAll(async () => {
    await Promise.all([browser.close(), service.stop()]);
    await source.close();
  });
  beforeEach(async () => {
    open = shared;
    page = open.page;
    await page.goto(service.url);
  });
  afterEach(async () => {
    const troubles = [...open.troubles];
    await (open === shared ? shared.clear() : open.close());
    if (troubles.length > 0) throw new Error(`Trouble on the page: ${troubles.join('\n')}`);
  });

  const jobId = (): string => /#\/jobs\/([\w-]+)$/.exec(page.url())?.[1] ?? '';
  const submit = async (...urls: string[]): Promise<string> => {
    await page.getByLabel('Links', { exact: true }).fill(urls.join('\n'));
    // Once the links are counted the button stays where it is.
    await page.getByRole('button', { name: /^Upload \d+ images?$/ }).click();
    await page.waitForURL(/#\/jobs\//);
    return jobId();
  };
  const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name });
  const rows = () => page.getByRole('list', { name: 'Images' }).getByRole('listitem');
  const focused = (): Promise<string> =>
    page.evaluate('document.activeElement.textContent || document.activeElement.id');

  it('brings somebody new to pictures by one press', async () => {
    await page.getByRole('button', { name: 'Upload the sample pictures' }).click();
    await heading('All 5 images uploaded').waitFor();
    // Done while nobody looks or not, its tab says so.
    expect(await page.title()).toBe('✓ All 5 images uploaded – image-relay');
    await page.getByRole('link', { name: 'Upload' }).first().click();
    const job = page.getByRole('region', { name: 'Recent jobs' }).getByRole('link').first();
    expect(await job.locator('.job-item-name').textContent()).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(await job.locator('.thumbnail').count()).toBe(4);
  });

  it('marks its icon, and notifies if that is wanted, when a job ends in a hidden tab', async () => {
    open = await openPage(browser, { permissions: ['notifications'] });
    page = open.page;
    await page.addInitScript(`
      sessionStorage.setItem('image-relay.notify', 'true');
      globalThis.told = [];
      globalThis.Notification = class { constructor(text) { told.push(text); } };
    `);
    const id = await service.submit([`${source.url}/hidden.png`]);
    await page.goto(`${service.url}/#/jobs/${id}`);
    await heading('Uploading 1 image').waitFor();
    const icon = (): Promise<string> =>
      page.evaluate('document.querySelector("link[rel=icon]").href');
    const plain = await icon();
    const hide = (isHidden: boolean): Promise<unknown> =>
      page.evaluate(
        `Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true })`,
      );
    await hide(true);
    endHidden();
    await awaitUntil('the mark', async () => (await icon()) !== plain);
    expect(await page.evaluate('told')).toEqual(['Image uploaded']);
    await hide(false);
    await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
    expect(await icon()).toBe(plain);
  });

  it('is one document that may run its own script and nothing else', async () => {
    const response = await fetch(service.url);
    expect(gzipSync(await response.text()).length).toBeLessThan(40_000);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[^';]+'; style-src 'sha256-/);
    expect(policy).not.toMatch(/unsafe|\*/);
    const asked = new Set<string>();
    page.on('request', (request) => {
      // Beside the pictures of jobs.
      if (request.resourceType() !== 'image') asked.add(request.url().replace(service.url, ''));
    });
    await page.reload();
    await page.getByText('Under way').waitFor();
    expect([...asked].filter((url) => !/^\/(health|v1\/.*)?$/.test(url))).toEqual([]);
    const again = await fetch(service.url, {
      headers: { 'if-none-match': response.headers.get('etag')! },
    });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  it('judges what is typed: reasons for what is invalid, duplicates struck out and counted', async () => {
    await page
      .getByLabel('Links', { exact: true })
      .fill(
        'Two: https://a.example/1.png, (https://a.example/2.png)\nhttps://a.example/1.png#top\n' +
          'ftp://a.example/3.png\nhttps://me:pw@a.example/4.png',
      );
    await page.getByText('2 ready, 1 duplicate left out, 2 invalid left out').first().waitFor();
    const found = page.getByRole('region', { name: 'Links found' });
    expect(await found.locator('s').allTextContents()).toEqual(['https://a.example/1.png#top']);
    expect(await found.locator('[data-kind=invalid] .check-problem').allTextContents()).toEqual([
      'Only http and https links can be fetched, not ftp',
      'There is a name or a password in it: leave them out',
    ]);
    await page.getByRole('button', { name: 'Upload 2 images' }).waitFor();
  });

  it('says what to do when there is nothing to upload', async () => {
    await page.getByRole('button', { name: 'Upload', exact: true }).click();
    await page.getByRole('alert').getByText('Paste at least one link').waitFor();
    expect(await focused()).toBe('urls');
    await page.getByLabel('Links', { exact: true }).fill('nothing to see here');
    await page.getByText('No links found in this text.').waitFor();
  });

  it('takes links from a text file that is dropped', async () => {
    const transfer = await page.evaluateHandle(`(() => {
      const transfer = new DataTransfer();
      const text = 'https://a.example/1.png\\nhttps://a.example/2.png';
      transfer.items.add(new File([text], 'list.txt', { type: 'text/plain' }));
      return transfer;
    })()`);
    await page.locator('form.upload').dispatchEvent('drop', { dataTransfer: transfer });
    await page.getByRole('button', { name: 'Upload 2 images' }).waitFor();
    expect(await page.getByLabel('Links', { exact: true }).inputValue()).toBe(
      'https://a.example/1.png\nhttps://a.example/2.png',
    );
  });

  it('keeps the sample pictures when a key is pressed before they are drawn', async () => {
    const samples = page.getByRole('button', { name: 'Use the sample pictures' });
    await samples.waitFor();
    await page.evaluate(`(() => {
      [...document.querySelectorAll('button')].find((b) => /sample/.test(b.textContent)).click();
      const area = document.querySelector('#urls');
      area.value += '\\nhttps://a.example/1.png';
      area.dispatchEvent(new InputEvent('input', { bubbles: true }));
    })()`);
    await page.getByRole('button', { name: 'Upload 6 images' }).waitFor();
    expect(await page.getByLabel('Links', { exact: true }).inputValue()).toMatch(
      /samples\/[^]+\nhttps:\/\/a\.example\/1\.png$/,
    );
  });

  it('brings the sample pictures to their links by keyboard alone, and names what failed', async () => {
    const missing = `${source.url}/missing.png`;
    await page.getByRole('button', { name: 'Use the sample pictures' }).press('Enter');
    await page.keyboard.press('Control+End');
    await page.keyboard.type(`\n${missing}`);
    await page.keyboard.press('Control+Enter');
    await heading(/^5 of 6 images uploaded$/).waitFor();
    expect(await focused()).toBe('5 of 6 images uploaded');
    await page
      .getByTestId('announcer')
      .getByText('Job complete: 5 uploaded, 1 failed.')
      .waitFor({ state: 'attached' });

    const images = await service.images(jobId());
    expect(await rows().count()).toBe(6);
    for (const [at, { link }] of images.slice(0, 5).entries()) {
      const row = rows().nth(at);
      expect(await row.getByRole('link').getAttribute('href')).toBe(link);
      expect(await row.locator('.badge').textContent()).toBe('Uploaded');
    }
    const failed = await rows().nth(5).textContent();
    expect(failed).toContain(missing);
    expect(failed).toContain(images[5]!.error!.message);
    expect(failed).toContain('Failed');
    // One reason needs no group of its own.
    await page.getByRole('button', { name: 'Failed 1: not found, 404' }).waitFor();
    // What is done has no progress.
    expect(await page.getByRole('progressbar').count()).toBe(0);
    // Not by waitForFunction, which evaluates text in the page: its policy forbids that.
    await awaitUntil('the thumbnails', () =>
      page.evaluate(
        `[...document.querySelectorAll('img.thumbnail')].filter((img) => img.naturalWidth > 0).length === 4`,
      ),
    );

    const links = images.flatMap(({ link }) => link ?? []);
    const copied = async (format: string): Promise<string> => {
      await page.getByLabel('Format of the links').selectOption(format);
      const count = `Copied 5 links as ${format}.`;
      await page.getByRole('button', { name: 'Copy links' }).press('Enter');
      await page.getByTestId('announcer').getByText(count).waitFor({ state: 'attached' });
      return page.evaluate('navigator.clipboard.readText()');
    };
    const names = images.map(({ url }) => url.slice(url.lastIndexOf('/') + 1));
    expect(await copied('Plain text')).toBe(links.join('\n'));
    expect(await copied('Markdown')).toBe(
      links.map((link, at) => `![${names[at]}](${link})`).join('\n'),
    );
    expect(await copied('HTML')).toBe(
      links.map((link, at) => `<img src="${link}" alt="${names[at]}">`).join('\n'),
    );
    expect(await copied('BBCode')).toBe(links.map((link) => `[img]${link}[/img]`).join('\n'));

    await page.getByRole('link', { name: 'Gallery' }).click();
    await heading('Gallery').waitFor();
    await page.locator('.tile').nth(4).waitFor();
    const shown = await page.evaluate<string[]>(
      `[...document.querySelectorAll('.tile a')].map(({ href }) => href)`,
    );
    expect(shown).toEqual(expect.arrayContaining(links));

    await page.getByRole('link', { name: 'Upload' }).click();
    const recent = page.getByRole('region', { name: 'Recent jobs' }).getByRole('link').first();
    expect(await recent.textContent()).toContain('6 images');
    expect(await recent.textContent()).toContain('1 failed');
    await page.getByRole('img', { name: /^\d+ images in the last 5 minutes$/ }).waitFor();
  });

  it('cancels a job: what is complete stays, the rest says so', async () => {
    await submit(`${source.url}/palette.png`, `${source.url}/never.png`);
    await rows().nth(0).getByText('Uploaded', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Cancel job' }).click();
    expect(await focused()).toBe('Give up 1 image');
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('button', { name: 'Cancel job' }).click();
    await page.getByRole('button', { name: 'Give up 1 image' }).click();
    await heading('1 of 2 images uploaded').waitFor();
    expect(await rows().nth(1).locator('.badge').textContent()).toBe('Cancelled');
    expect(await page.getByRole('button', { name: /^Failed/ }).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Cancel job' }).count()).toBe(0);
    expect(await focused()).toBe('1 of 2 images uploaded');
  });

  it('has one link for all of a job, and deletes an upload once it is sure', async () => {
    const id = await submit(`${source.url}/palette.png?album`, `${source.url}/still.gif?album`);
    await heading('All 2 images uploaded').waitFor();
    await page.getByText('More', { exact: true }).click();
    await page.getByRole('button', { name: 'Make an album of them' }).click();
    await page.getByRole('button', { name: 'Copy the album’s link' }).click();
    const album = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(album).toMatch(/\/embedded\/a\/\w{7}$/);
    expect((await (await fetch(album)).text()).match(/<img /g)).toHaveLength(2);

    const link = (await service.images(id))[0]?.link ?? '';
    await rows()
      .nth(0)
      .getByRole('button', { name: /^Look at/ })
      .click();
    const ask = page.getByRole('button', { name: 'Delete', exact: true });
    await ask.click();
    expect(await focused()).toBe('Delete at Imgur for good');
    await page.getByRole('button', { name: 'Keep it' }).click();
    expect((await fetch(link)).status).toBe(200);
    await ask.click();
    await page.getByRole('button', { name: 'Delete at Imgur for good' }).click();
    await heading('1 of 2 images uploaded, 1 deleted').waitFor();
    expect(await rows().nth(0).locator('.badge').textContent()).toBe('Deleted');
    expect(await focused()).toBe('1 of 2 images uploaded, 1 deleted');
    expect((await fetch(link)).status).toBe(404);
    expect((await service.images(id)).map(({ status }) => status)).toEqual(['deleted', 'complete']);

    await page.getByText('More', { exact: true }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download as CSV' }).click(),
    ]);
    const answer = await fetch(`${service.url}/v1/images/upload/${id}/images?format=csv`);
    expect(fs.readFileSync(await download.path(), 'utf8')).toBe(await answer.text());

    // The same from the gallery, where its tile goes.
    const other = (await service.images(id))[1]?.link ?? '';
    await page.getByRole('link', { name: 'Gallery' }).click();
    const tile = page.locator(`.tile a[href="${other}"]`);
    await tile.click();
    await ask.click();
    await page.getByRole('button', { name: 'Delete at Imgur for good' }).click();
    await tile.waitFor({ state: 'detached' });
    expect((await fetch(other)).status).toBe(404);
  });

  it('tries the failed ones again in a new job', async () => {
    const id = await submit(`${source.url}/palette.png`, `${source.url}/flaky.png`);
    const retry = page.getByRole('button', { name: 'Retry failed' });
    await retry.waitFor();
    isFixed = true;
    await retry.click();
    await heading('Image uploaded').waitFor();
    expect(jobId()).not.toBe(id);
    // The two jobs lead to each other, and the first one is not offered again.
    await page.getByRole('link', { name: 'an earlier one' }).click();
    await page.getByRole('link', { name: 'another job' }).waitFor();
    expect(jobId()).toBe(id);
    expect(await retry.count()).toBe(0);
  });

  it('finds its job again after a reload in mid-job, and sees it through', async () => {
    const id = await submit(`${source.url}/palette.png`, `${source.url}/held.png`);
    await rows().nth(0).getByText('Uploaded', { exact: true }).waitFor();
    await page.reload();
    await heading('Uploading 2 images').waitFor();
    await rows().nth(1).getByText('Under way', { exact: true }).waitFor();
    expect(jobId()).toBe(id);
    const bar = page.getByRole('progressbar', { name: 'Progress of this job' });
    expect(await bar.getAttribute('aria-valuetext')).toBe('1 of 2 done, 0 failed');
    letGo();
    await heading('All 2 images uploaded').waitFor();
  });

  it('shows how a job ended that ends between two of its questions', async () => {
    const id = await service.submit([`${source.url}/between.png`]);
    await awaitUntil('the source to be asked', () => source.requests.includes('/between.png'));
    let isFirst = true;
    await page.route(`**/upload/${id}/images`, async (route) => {
      const response = await route.fetch();
      if (isFirst) {
        isFirst = false;
        endBetween();
        await service.completed(id);
      }
      await route.fulfill({ response });
    });
    await page.goto(`${service.url}/#/jobs/${id}`);
    await rows().first().getByRole('link').waitFor();
    expect(await rows().first().locator('.badge').textContent()).toBe('Uploaded');
  });

  it('sends a list again as the same job when the answer got lost', async () => {
    const keys: (string | undefined)[] = [];
    await page.route('**/v1/images/upload', async (route) => {
      const request = route.request();
      if (request.method() === 'POST') keys.push(request.headers()['idempotency-key']);
      // The first one arrives, and its answer does not.
      if (request.method() === 'POST' && keys.length === 1) {
        await route.fetch();
        await route.abort();
      } else {
        await route.continue();
      }
    });
    const url = `${source.url}/palette.png?lost`;
    await page.getByLabel('Links', { exact: true }).fill(url);
    await page.getByLabel('Links', { exact: true }).press('Control+Enter');
    await page.getByRole('alert').getByText('can’t be reached').waitFor();
    await page.getByRole('button', { name: 'Upload 1 image' }).click();
    await heading('Image uploaded').waitFor();
    expect(keys).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), keys[0]]);
    expect(source.requests.filter((path) => path.endsWith('?lost'))).toHaveLength(1);
    // The browser's own line about the request that was cut off.
    expect(open.troubles.splice(0)).toEqual([expect.stringMatching(/^Failed to load resource/)]);
  });

  it('sends the Client-ID that the job is to use', async () => {
    await page.getByText('Use another Client-ID').click();
    await page.getByLabel('Imgur Client-ID').fill('of-the-job');
    const [request] = await Promise.all([
      page.waitForRequest((each) => each.method() === 'POST'),
      submit(`${source.url}/still.gif`),
    ]);
    expect(request.postDataJSON()).toEqual({
      urls: [`${source.url}/still.gif`],
      clientId: 'of-the-job',
    });
  });

  it('makes several jobs of more links than one job takes', async () => {
    const urls = Array.from({ length: 1001 }, (_, n) => `http://127.0.0.1:9/${n}.png`);
    const posted: unknown[] = [];
    await page.route('**/v1/images/upload', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      posted.push(...(route.request().postDataJSON() as { urls: unknown[] }).urls);
      const jobId = `55355b7c-0000-4000-8000-00000000000${posted.length % 10}`;
      return route.fulfill({ status: 202, json: { jobId } });
    });
    await page.getByLabel('Links', { exact: true }).fill(urls.join('\n'));
    await page.getByText('more than one job takes (1,000): they go as 2 jobs').waitFor();
    await page.getByRole('button', { name: 'Upload 1,001 images as 2 jobs' }).click();
    await page.waitForURL(/#\/jobs\/.*0$/);
    expect(posted).toEqual(urls);
    // The service knows nothing of these jobs, and the browser has its own line about that.
    await page.getByText('The service does not know this job any more').waitFor();
    open.troubles.splice(0);
  });

  it('says in words for people what the service refuses', async () => {
    await page.route('**/v1/images/upload', (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({
            status: 413,
            json: { detail: 'Expected a body of at most 1048576 bytes, got more.' },
          })
        : route.continue(),
    );
    await page.getByLabel('Links', { exact: true }).fill('https://a.example/1.png');
    await page.getByRole('button', { name: 'Upload 1 image' }).click();
    const alert = page.getByRole('alert');
    await alert.getByText('That is more than the service takes at once').waitFor();
    expect(await alert.textContent()).not.toMatch(/Expected|\d{4}/);
    expect(open.troubles.splice(0)).toEqual([expect.stringContaining('413')]);
  });

  it('shows what else the service refuses in its own words', async () => {
    const detail = 'The queue is full.';
    await page.route('**/v1/images/upload', (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({ status: 503, json: { detail } })
        : route.continue(),
    );
    await page.getByLabel('Links', { exact: true }).fill('https://a.example/1.png');
    await page.getByRole('button', { name: 'Upload 1 image' }).click();
    await page.getByRole('alert').getByText(detail).waitFor();
    expect(open.troubles.splice(0)).toEqual([expect.stringContaining('503')]);
  });

  it('takes what is pasted: pictures of a page, and links without https once that is accepted', async () => {
    await page.evaluate(`(() => {
      const data = new DataTransfer();
      data.setData('text/html', '<p>Cats <img src="https://a.example/s.png" srcset="https://a.example/l.png 2x"></p>');
      data.setData('text/plain', 'Cats b.example/cat.jpg');
      const area = document.querySelector('#urls');
      area.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    })()`);
    await page.getByRole('button', { name: 'Upload 1 image' }).waitFor();
    const links = page.getByLabel('Links', { exact: true });
    expect(await links.inputValue()).toBe('Cats b.example/cat.jpg\nhttps://a.example/l.png\n');
    await page.getByText('1 line without a link').waitFor();
    await links.fill('b.example/cat.jpg');
    await page.getByRole('button', { name: 'Take it as https' }).click();
    await page.getByRole('button', { name: 'Upload 1 image' }).waitFor();
    await page.getByText('Taken as https').waitFor();
  });

  it('keeps the draft through a reload, and gives back what was cleared', async () => {
    const links = page.getByLabel('Links', { exact: true });
    await links.fill('https://a.example/1.png');
    await page.reload();
    expect(await links.inputValue()).toBe('https://a.example/1.png');
    await page.getByRole('button', { name: 'Clear' }).click();
    expect(await links.inputValue()).toBe('');
    await page.getByRole('button', { name: 'Undo clear' }).click();
    expect(await links.inputValue()).toBe('https://a.example/1.png');
  });

  it('takes a text file that is chosen, and refuses by name one that is none', async () => {
    const picker = page.locator('input[type=file]');
    await picker.setInputFiles({
      name: 'list.zip',
      mimeType: 'application/zip',
      buffer: Buffer.from('PK\0'),
    });
    await page.getByRole('alert').getByText('“list.zip” is not a text file.').waitFor();
    const buffer = Buffer.from('https://a.example/1.png');
    await picker.setInputFiles({ name: 'list.txt', mimeType: 'text/plain', buffer });
    await page.getByRole('button', { name: 'Upload 1 image' }).waitFor();
    // What was wrong before is said no more.
    expect(await page.getByRole('alert').textContent()).toBe('');
  });

  it('keeps the images and links of a job that the service has forgotten', async () => {
    const id = await submit(`${source.url}/palette.png`, `${source.url}/missing.png`);
    await page.getByRole('button', { name: 'Retry failed' }).waitFor();
    const link = await rows().nth(0).getByRole('link').getAttribute('href');
    await page.route(`**/upload/${id}**`, (route) =>
      route.fulfill({ status: 404, json: { detail: 'There is no such job.' } }),
    );
    await page.route(`**/upload/${id}/**`, (route) =>
      route.fulfill({ status: 404, json: { detail: 'There is no such job.' } }),
    );
    await page.reload();
    await page.getByText('The service does not know this job any more').waitFor();
    expect(await rows().nth(0).getByRole('link').getAttribute('href')).toBe(link);
    await page.getByRole('button', { name: 'Take the other 1 link to the form' }).click();
    await page.getByRole('button', { name: 'Upload 1 image' }).waitFor();
    expect(open.troubles.splice(0)).not.toEqual([]);
  });

  it('lets links be selected whole, copied one by one, looked at and taken away as a file', async () => {
    const long = `${source.url}/palette.png?${'long'.repeat(60)}`;
    await submit(long);
    await heading('Image uploaded').waitFor();
    const row = rows().first();
    const text = await page.evaluate<string>(`(() => {
      getSelection().selectAllChildren(document.querySelector('.image-source'));
      return String(getSelection());
    })()`);
    expect(text.trim()).toBe(long);
    const link = await row.getByRole('link').getAttribute('href');
    await row.getByRole('button', { name: 'Copy the link of palette.png' }).click();
    await page
      .getByTestId('announcer')
      .getByText('Copied the link.')
      .waitFor({ state: 'attached' });
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(link);

    await page.getByText('More', { exact: true }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download as CSV' }).click(),
    ]);
    expect(fs.readFileSync(await download.path(), 'utf8')).toContain(
      `"${long}","complete","${link}",`,
    );

    await row.getByRole('button', { name: 'Look at palette.png' }).click();
    const box = page.getByRole('dialog', { name: 'Picture 1 of 1' });
    await box.getByText(/^\d+ × \d+ · /).waitFor();
    expect(await box.getByRole('link').getAttribute('href')).toBe(link);
    await page.keyboard.press('Escape');
    await box.waitFor({ state: 'hidden' });
    expect(await page.evaluate('document.activeElement.className')).toBe('thumbnail-button');
  });

  describeWithSharp('a picture that was converted', () => {
    it('says so in its row and where it is looked at', async () => {
      await submit(`${source.url}/lossy.webp`);
      // Whoever converts gives way to all else.
      await heading('Image uploaded').waitFor({ timeout: 100_000 });
      const words = /converted from WebP/;
      expect(await rows().first().locator('.image-facts').textContent()).toMatch(words);
      await page.getByRole('button', { name: 'Look at lossy.webp' }).click();
      const facts = page.getByRole('dialog').getByText(/^\d+ × \d+ · /);
      expect(await facts.textContent()).toMatch(/ kB · image\/jpeg · converted from WebP$/);
    });
  });

  it('says what became of a job that the service does not know', async () => {
    await page.goto(`${service.url}/#/jobs/55355b7c-0000-4000-8000-000000000000`);
    await heading('There is no such job').waitFor();
    await page.getByText('a restart forgets them').waitFor();
    expect(open.troubles.splice(0)).toEqual([expect.stringContaining('404')]);
  });

  it('goes to an address that it is given between its first drawing and its first effects', async () => {
    open = await openPage(browser);
    page = open.page;
    await page.addInitScript(`
      new MutationObserver((_, observer) => {
        if (!document.querySelector('main h1')) return;
        observer.disconnect();
        location.hash = '#/gallery';
      }).observe(document, { childList: true, subtree: true });
    `);
    await page.goto(service.url);
    await heading('Gallery').waitFor();
    expect(page.url()).toBe(`${service.url}/#/gallery`);
  });

  it('asks rarely while its tab is hidden, and at once when it is seen again', async () => {
    open = await openPage(browser);
    page = open.page;
    let asked = 0;
    page.on('request', (request) => {
      if (request.url().endsWith('/health')) asked += 1;
    });
    await page.clock.install();
    await page.goto(service.url);
    await awaitUntil('the first question', () => asked === 1);
    await page
      .getByRole('link', { name: /images/ })
      .first()
      .waitFor();

    await page.evaluate(
      `Object.defineProperty(document, 'hidden', { value: true, writable: true })`,
    );
    await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
    await page.clock.runFor(15_000);
    expect(asked).toBe(1);
    await page.clock.runFor(10_000);
    await awaitUntil('a question at last', () => asked === 2);

    await page.evaluate(
      `document.hidden = false, document.dispatchEvent(new Event('visibilitychange'))`,
    );
    await awaitUntil('a question at once', () => asked === 3);
  });
});
