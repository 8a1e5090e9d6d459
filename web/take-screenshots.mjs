// Takes the README's screenshots, of a service of its own on port 3000: node web/take-screenshots.mjs
import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { loadTypeScript } from '../local/load-typescript.cjs';

const { CHROMIUM_PATH: executablePath = '/usr/bin/chromium' } = process.env;
const folder = path.join(import.meta.dirname, '..', 'docs', 'screenshots');
fs.mkdirSync(folder, { recursive: true });

// Not one that runs already, and may have a credential.
const { startService } = loadTypeScript(path.join(import.meta.dirname, '../bench/service.ts'));
const service = await startService({ PORT: '3000' });

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage({ viewport: { width: 1100, height: 760 } });
await page.goto('http://localhost:3000');
await page.getByRole('button', { name: 'Use the sample pictures' }).click();
await page.getByLabel('Links', { exact: true }).press('Control+End');
await page.keyboard.type('\nhttps://intranet.internal/logo.png');
await page.keyboard.press('Control+Enter');
await page.getByRole('heading', { name: 'images uploaded' }).waitFor();
await page.getByText('not a public address').waitFor();

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
await service.stop();
