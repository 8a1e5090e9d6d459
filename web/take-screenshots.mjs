// Takes the screenshots of docs/page.md and the README, of a service of its own on port 3000:
// node web/take-screenshots.mjs
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { loadTypeScript } from '../local/load-typescript.cjs';

const { CHROMIUM_PATH: executablePath = '/usr/bin/chromium' } = process.env;
const folder = path.join(import.meta.dirname, '..', 'docs', 'screenshots');
fs.mkdirSync(folder, { recursive: true });

// A host that never sends its pictures, and has not got the others.
const source = http.createServer((request, response) => {
  if (!request.url?.startsWith('/slow/')) response.writeHead(404).end();
});
await new Promise((resolve) => source.listen(0, '127.0.0.1', resolve));
const host = `http://127.0.0.1:${source.address().port}`;

// Not one that runs already, and may have a credential.
const { startService } = loadTypeScript(path.join(import.meta.dirname, '../bench/service.ts'));
const service = await startService({
  PORT: '3000',
  DOWNLOAD_ALLOWED_NETWORKS: '127.0.0.1/32',
  CONCURRENCY_PER_SOURCE: '2',
  // What is under way stays so.
  STALL_TIMEOUT_MS: '120000',
  DOWNLOAD_TIMEOUT_MS: '120000',
});
const { samples } = JSON.parse((await service.client.get('/health')).text);
const failing = [
  ...samples,
  ...['one', 'two', 'three'].map((name) => `${host}/albums/${name}.jpg`),
  'https://intranet.internal/logo.png',
];
const job = await service.submit([...samples, 'https://intranet.internal/logo.png']);
await service.ended(job);
const failures = await service.submit(failing);
await service.ended(failures);
const slow = ['one', 'two', 'three'].map((name) => `${host}/slow/${name}.png`);
const running = await service.submit([...samples, ...slow]);

/** What leads to each view, and what is there once it can be seen. */
const views = {
  form: async (page) => {
    await page.goto('http://localhost:3000/#/');
    const text = [...samples, 'ftp://a.example/photo.jpg', samples[0]].join('\n');
    await page.getByLabel('Links', { exact: true }).fill(text);
    await page.getByRole('button', { name: 'Upload 5 images' }).waitFor();
  },
  running: async (page) => {
    await page.goto(`http://localhost:3000/#/jobs/${running}`);
    await page.getByText('Under way').nth(1).waitFor();
    await page.getByText('Uploaded', { exact: true }).nth(4).waitFor();
  },
  job: async (page) => {
    await page.goto(`http://localhost:3000/#/jobs/${job}`);
    await page.getByRole('heading', { name: '5 of 6 images uploaded' }).waitFor();
  },
  failures: async (page) => {
    await page.goto(`http://localhost:3000/#/jobs/${failures}`);
    await page.getByRole('button', { name: '3 × not found, 404' }).click();
  },
  gallery: async (page) => {
    await page.goto('http://localhost:3000/#/gallery');
    await page.locator('.tile').nth(14).waitFor();
  },
  lightbox: async (page) => {
    await page.goto(`http://localhost:3000/#/jobs/${job}`);
    await page.getByRole('button', { name: 'Look at nebula.jpg' }).click();
    await page.getByRole('dialog').getByText('640 × 480').waitFor();
  },
};

const PICTURES = new Set(['gallery', 'lightbox']);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
for (const [way, colorScheme, width, height] of [
  ['light', 'light', 1100, 760],
  ['dark', 'dark', 1100, 760],
  ['phone', 'light', 390, 844],
]) {
  // A context of its own for each, so that no draft is left.
  for (const [view, show] of Object.entries(views)) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    await show(page);
    await page.waitForFunction(() =>
      [...globalThis.document.querySelectorAll('img')].every(({ complete }) => complete),
    );
    // Pictures take a quarter of the room as JPEG; letters stay sharp as PNG.
    const [type, quality] = PICTURES.has(view) ? ['jpeg', { quality: 80 }] : ['png', {}];
    const file = path.join(folder, `${view}-${way}.${type === 'jpeg' ? 'jpg' : type}`);
    await page.screenshot({ path: file, type, ...quality });
    await page.close();
  }
}
await browser.close();
await service.stop();
source.closeAllConnections();
source.close();
