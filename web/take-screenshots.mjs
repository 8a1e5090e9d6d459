// Takes the README's screenshots of a running service: node web/take-screenshots.mjs [URL]
import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';

const { CHROMIUM_PATH: executablePath = '/usr/bin/chromium' } = process.env;
const service = process.argv[2] ?? 'http://localhost:3000';
const folder = path.join(import.meta.dirname, '..', 'docs', 'screenshots');
fs.mkdirSync(folder, { recursive: true });

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage({ viewport: { width: 1100, height: 760 } });
await page.goto(service);
await page.getByRole('button', { name: 'Use the sample pictures' }).click();
await page.getByLabel('Links', { exact: true }).press('Control+End');
await page.keyboard.type('\nhttps://intranet.internal/logo.png');
await page.keyboard.press('Control+Enter');
await page.getByRole('heading', { name: 'images uploaded' }).waitFor();
await page.getByText('blocked_address').waitFor();

for (const [name, scheme, width, height] of [
  ['job-light', 'light', 1100, 900],
  ['job-dark', 'dark', 1100, 900],
  ['job-phone', 'light', 390, 844],
]) {
  await page.emulateMedia({ colorScheme: scheme });
  await page.setViewportSize({ width, height });
  await page.waitForFunction(() =>
    [...globalThis.document.querySelectorAll('img.thumbnail')].every(({ complete }) => complete),
  );
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
}
await browser.close();
