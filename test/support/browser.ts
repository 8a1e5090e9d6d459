import fs from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const PATH = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const CHROMIUM = fs.existsSync(PATH) ? PATH : null;
export const hasChromium = CHROMIUM !== null;

/** Without the background traffic of a browser at a desk, and as root in a container too. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A `describe` for what needs a browser; where there is none, it says so and skips. */
export function describeInChromium(name: string, define: () => void): void {
  const { describe: group } = globalThis;
  if (CHROMIUM !== null) {
    group(name, define);
    return;
  }
  process.stderr.write(
    `SKIPPED, as there is no Chromium at ${PATH} (set CHROMIUM_PATH): ${name}\n`,
  );
  group.skip(name, define);
}

export async function launchChromium(): Promise<Browser> {
  if (CHROMIUM === null) throw new Error(`Expected Chromium at ${PATH}, found nothing`);
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

export interface OpenPage {
  readonly page: Page;
  /** Console errors and warnings, uncaught errors and violations of the policy, in order. */
  readonly troubles: string[];
  readonly close: () => Promise<void>;
}

const REPORT_VIOLATIONS = `document.addEventListener('securitypolicyviolation', (event) =>
  console.error('CSP', event.violatedDirective, event.blockedURI));`;

/** A page in a context of its own, which keeps account of whatever goes wrong in it. */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: { width: 1200, height: 900 },
    colorScheme: 'light',
    ...options,
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) troubles.push(message.text());
  });
  page.on('pageerror', (error) => troubles.push(error.message));
  await page.addInitScript(REPORT_VIOLATIONS);
  const close = async (): Promise<void> => {
    // The page goes on asking until it is gone: what it is answered now, or is not, is no trouble.
    page.removeAllListeners('console');
    page.removeAllListeners('pageerror');
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await context.close();
  };
  return { page, troubles, close };
}
