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
  /**
   * As if the page were new, for the next test: a new one costs four times as much CPU. What an init
   * script or a clock changed stays, so a test with one of these needs a page of its own.
   */
  readonly clear: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A document for which the browser asks for no icon either. */
const NO_ICON = '<link rel="icon" href="data:,">';

const REPORT_VIOLATIONS = `document.addEventListener('securitypolicyviolation', (event) =>
  console.error('CSP', event.violatedDirective, event.blockedURI));`;

/** A page in a context of its own, which keeps account of whatever goes wrong in it. */
export async function openPage(
  browser: Browser,
  options: Pick<BrowserContextOptions, 'locale' | 'permissions'> = {},
): Promise<OpenPage> {
  const viewport = { width: 1200, height: 900 };
  const context = await browser.newContext({ viewport, colorScheme: 'light', ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const troubles: string[] = [];
  const watch = (): void => {
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()))
        troubles.push(`${message.text()} ${message.location().url}`);
    });
    page.on('pageerror', (error) => troubles.push(error.message));
  };
  watch();
  await page.addInitScript(REPORT_VIOLATIONS);

  // The page goes on asking until it is gone: what it is answered now, or is not, is no trouble.
  const leave = async (): Promise<void> => {
    for (const event of ['console', 'pageerror', 'request']) page.removeAllListeners(event);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  };
  return {
    page,
    troubles,
    async clear() {
      await leave();
      // Nothing of ours runs there that would write again what is cleared.
      const empty = new URL('/empty', page.url()).href;
      await page.route(empty, (route) =>
        route.fulfill({ contentType: 'text/html', body: NO_ICON }),
      );
      await page.goto(empty);
      await page.evaluate('localStorage.clear(), sessionStorage.clear()');
      await page.unrouteAll();
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: null, forcedColors: null });
      troubles.length = 0;
      watch();
    },
    async close() {
      await leave();
      await context.close();
    },
  };
}
