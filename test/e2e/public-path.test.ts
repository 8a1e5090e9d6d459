import type { Browser } from 'playwright-core';
import { awaitUntil } from '../support/await-until';
import { describeInChromium, launchChromium, openPage } from '../support/browser';
import { startService, type JobBody, type Service } from '../support/service';
import { startStrippingProxy, type StrippingProxy } from '../support/stripping-proxy';

jest.setTimeout(60_000);

describe('the service below a path of a proxy', () => {
  let proxy: StrippingProxy;
  let service: Service;
  beforeAll(async () => {
    proxy = await startStrippingProxy('/under/here');
    service = await startService({ PUBLIC_URL: proxy.url });
    proxy.forwardTo(service.url);
  });
  afterAll(async () => {
    await service.stop();
    await proxy.close();
  });

  const samples = async (): Promise<string[]> =>
    ((await (await fetch(`${proxy.url}/health`)).json()) as { samples: string[] }).samples;

  it('leads on by its Location and its links', async () => {
    const submitted = await fetch(`${proxy.url}/v1/images/upload`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ urls: (await samples()).slice(0, 1) }),
    });
    const { jobId } = (await submitted.json()) as { jobId: string };
    const { uploaded } = await service.completed(jobId);
    const job = await fetch(new URL(submitted.headers.get('location') ?? '', submitted.url));
    expect(((await job.json()) as JobBody).uploaded).toEqual(uploaded);
    const [link = ''] = uploaded.complete;
    expect(link).toMatch(new RegExp(`^${proxy.url}/embedded/`));
    expect((await fetch(link)).headers.get('content-type')).toMatch(/^image\//);
  });

  it('describes itself by where it is reached', async () => {
    const description = await (await fetch(`${proxy.url}/openapi.json`)).json();
    expect(description).toMatchObject({ servers: [{ url: proxy.url }] });
  });

  it('answers OPTIONS to a page as to anybody else', async () => {
    const headers = { origin: 'https://a.example', 'access-control-request-method': 'POST' };
    for (const [at, status] of Object.entries({ '/v1/images': 204, '/none': 404 })) {
      const answer = await fetch(service.url + at, { method: 'OPTIONS', headers });
      expect([at, answer.status]).toEqual([at, status]);
    }
  });

  describeInChromium('has a page', () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launchChromium();
    });
    afterAll(() => browser.close());

    it.each(['/', ''])('that works at "…/here%s"', async (end) => {
      const { page, troubles, close } = await openPage(browser);
      await page.goto(proxy.url + end);
      await page.getByRole('button', { name: 'Use the sample pictures' }).click();
      await page.getByRole('button', { name: /^Upload \d+ images$/ }).click();
      await page.waitForURL(/#\/jobs\//);
      const links = page.locator(`a[href^="${proxy.url}/embedded/"]`);
      await links.first().waitFor();
      const pictures = page.getByRole('list', { name: 'Images' }).locator('img');
      await pictures.first().waitFor();
      // Whether it is a picture, and not only an element.
      await awaitUntil('a thumbnail', () =>
        page.evaluate<boolean>('[...document.images].some((image) => image.naturalWidth > 0)'),
      );
      expect(troubles).toEqual([]);
      await close();
    });
  });
});
