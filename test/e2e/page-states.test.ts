import type { Browser, Page } from 'playwright-core';
import { IMGUR_FAULTS } from '../../lib/imgur-stand-in/faults';
import { awaitUntil } from '../support/await-until';
import { describeInChromium, launchChromium, openPage } from '../support/browser';
import { startRecordingImgur, type RecordingImgur } from '../support/recording-imgur';
import { startService, type Service } from '../support/service';
import { startSource, type SourceServer } from '../support/source-server';

jest.setTimeout(120_000);

describeInChromium('the page, when it has to wait or to ask', () => {
  let browser: Browser;
  let service: Service;
  let source: SourceServer;
  let imgur: RecordingImgur;

  beforeAll(async () => {
    imgur = await startRecordingImgur({
      script: () => IMGUR_FAULTS.row14_wait_37_minutes,
    });
    source = await startSource();
    [browser, service] = await Promise.all([
      launchChromium(),
      startService({
        IMGUR_API_URL: imgur.url,
        IMGUR_CLIENT_ID: 'configured',
        DOWNLOAD_ALLOWED_NETWORKS: '127.0.0.0/8',
        API_KEYS: 'key-one,key-two',
      }),
    ]);
  });
  afterAll(async () => {
    await Promise.all([browser.close(), service.stop()]);
    await Promise.all([source.close(), imgur.close()]);
  });

  const focused = (page: Page): Promise<string> => page.evaluate('document.activeElement.id');
  const authorization = { authorization: 'Bearer key-two' };
  const pausedUntil = async (): Promise<string | null> =>
    ((await (await fetch(`${service.url}/health`)).json()) as { pausedUntil: string | null })
      .pausedUntil;

  it('asks for the key, says when it is wrong, and keeps the right one for this tab', async () => {
    const { page, troubles, close } = await openPage(browser);
    await page.goto(service.url);
    const prompt = page.getByRole('form', { name: 'This service asks for a key.' });
    await prompt.waitFor();
    // Nobody had the focus.
    expect(await page.evaluate('document.activeElement.id')).toBe('key');

    await page.getByLabel('Links', { exact: true }).fill(`${source.url}/palette.png`);
    await page.keyboard.press('Control+Enter');
    await page.getByRole('alert').getByText('The upload goes on once it has one.').waitFor();
    await awaitUntil('the field for the key', async () => (await focused(page)) === 'key');
    await page.keyboard.type('key-three');
    await page.keyboard.press('Enter');
    await prompt.getByText('The service didn’t take this key.').waitFor();
    await page.getByLabel('Key', { exact: true }).fill('key-two');
    const [request] = await Promise.all([
      page.waitForRequest((each) => each.headers()['authorization'] === 'Bearer key-two'),
      page.keyboard.press('Enter'),
    ]);
    expect(request.url()).toContain('/v1/images/upload');
    await prompt.waitFor({ state: 'hidden' });
    // What was asked for goes on by itself.
    await page.getByRole('heading', { name: 'Uploading 1 image' }).waitFor();

    await page.reload();
    await page.getByRole('heading', { name: 'Uploading 1 image' }).waitFor();
    expect(await page.evaluate('JSON.stringify(localStorage) + document.cookie')).not.toContain(
      'key-',
    );
    await page.getByRole('link', { name: 'Upload' }).first().click();
    await page.getByRole('button', { name: 'Forget the key' }).click();
    await prompt.waitFor();
    await page.getByText('Shown once you have entered the key.').waitFor();
    expect(await page.evaluate('localStorage.getItem("image-relay.jobs")')).toBe('[]');
    // The browser's own lines about the answers 401.
    expect(troubles.filter((text) => !text.includes('401'))).toEqual([]);
    await close();
  });

  it('asks for the key again without taking the focus from who writes, and gives it back', async () => {
    const { page, close } = await openPage(browser);
    await page.addInitScript(`sessionStorage.getItem('image-relay.key') ??
      sessionStorage.setItem('image-relay.key', 'key-one')`);
    await page.goto(service.url);
    await page.getByRole('button', { name: 'Forget the key' }).waitFor();
    const links = page.getByLabel('Links', { exact: true });
    await links.pressSequentially('https://a.');
    await page.evaluate(`sessionStorage.setItem('image-relay.key', 'key-gone')`);
    const prompt = page.getByRole('form', { name: 'This service asks for a key.' });
    await prompt.waitFor();
    await page.keyboard.type('example/1.png');
    expect(await links.inputValue()).toBe('https://a.example/1.png');
    // Whoever is not let in sees no names either.
    await page.getByText('Shown once you have entered the key.').waitFor();

    await page.getByLabel('Key', { exact: true }).fill('key-two');
    await page.keyboard.press('Enter');
    await prompt.waitFor({ state: 'hidden' });
    expect(await focused(page)).toBe('urls');
    await close();
  });

  it('says until when Imgur asked to wait, for as long as it does', async () => {
    const response = await fetch(`${service.url}/v1/images/upload`, {
      method: 'POST',
      headers: { ...authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ urls: [`${source.url}/palette.png`] }),
    });
    const { jobId } = (await response.json()) as { jobId: string };
    const until = await awaitUntil('the pause', pausedUntil);
    const { page, troubles, close } = await openPage(browser, { locale: 'en-GB' });
    await page.addInitScript(`sessionStorage.setItem('image-relay.key', 'key-one')`);
    await page.goto(`${service.url}/#/jobs/${jobId}`);
    const banner = page.getByText(/Imgur asked us to wait until (?:\d+ \w+, )?\d\d:\d\d\./);
    const clock = new Date(until).toTimeString().slice(0, 5);
    expect(await banner.textContent()).toContain(`${clock}.`);
    await page.getByText(/^Paused until /).waitFor();
    await page.getByText('Paused', { exact: true }).waitFor();
    await page.locator('.badge').getByText('Waiting').waitFor();
    expect(troubles).toEqual([]);
    await close();
  });

  it('says that the service can’t be reached, and notices when it is back', async () => {
    const { page, troubles, close } = await openPage(browser);
    await page.addInitScript(`sessionStorage.setItem('image-relay.key', 'key-one')`);
    await page.goto(service.url);
    await page.getByText('Under way').waitFor();
    await page.route('**/health', (route) => route.abort());
    await page.reload();
    const banner = page.getByText('The service can’t be reached.');
    await banner.waitFor();
    await page.unroute('**/health');
    await page.getByRole('button', { name: 'Try now' }).click();
    await banner.waitFor({ state: 'hidden' });
    expect(troubles.filter((text) => !text.includes('ERR_FAILED'))).toEqual([]);
    await close();
  });

  it('says that the database is away, and takes what is not known then for no news', async () => {
    const { page, troubles, close } = await openPage(browser);
    await page.addInitScript(`sessionStorage.setItem('image-relay.key', 'key-one')`);
    await page.route('**/health', async (route) => {
      const response = await route.fetch();
      const unknown = { pending: null, inFlight: null, pausedUntil: null };
      const health = { ...((await response.json()) as object), ...unknown };
      await route.fulfill({
        json: { ...health, status: 'degraded', store: 'postgres', instances: null },
      });
    });
    await page.route('**/v1/**', (route) =>
      route.fulfill({ status: 503, json: { detail: 'The database is away for now.' } }),
    );
    await page.goto(`${service.url}/#/jobs/55355b7c-0000-4000-8000-000000000000`);
    await page.getByText('The service’s database is away.').waitFor();
    expect(await page.locator('.pill').textContent()).toBe('Service: Waiting');
    await page.getByRole('link', { name: 'Upload' }).first().click();
    await page.getByText('Waiting', { exact: true }).first().waitFor();
    expect(await page.locator('.facts dd').allTextContents()).toEqual([
      imgur.url.slice(7),
      '–',
      '–',
      '–',
    ]);
    // One message, in the words of the page.
    expect(await page.getByText('database is away').count()).toBe(1);
    expect(troubles.filter((text) => !text.includes('503'))).toEqual([]);
    await close();
  });

  it('says that the service is stopping', async () => {
    const { page, close } = await openPage(browser);
    await page.route('**/health', async (route) => {
      const response = await route.fetch();
      const health = (await response.json()) as object;
      await route.fulfill({ status: 503, json: { ...health, status: 'draining' } });
    });
    await page.goto(service.url);
    await page.getByText('The service is stopping').waitFor();
    expect(await page.locator('.pill').textContent()).toBe('Service: Stopping');
    await close();
  });
});
