import type { FaultScript } from '../../lib/imgur-stand-in/play';
import type { ImgurStandInOptions } from '../../lib/imgur-stand-in/server';
import { startApp, type AppUnderTest } from './app-under-test';
import { startRecordingImgur, type RecordingImgur } from './recording-imgur';

/** So often is an image tried in all, where nothing stricter holds. */
export const ATTEMPTS = 5;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** The service in front of an Imgur that fails as the script says; both end with the test. */
export async function startBehind(
  script: FaultScript,
  settings: Record<string, string> = {},
  options: Partial<ImgurStandInOptions> = {},
): Promise<{ service: AppUnderTest; imgur: RecordingImgur }> {
  const imgur = await startRecordingImgur({ script, ...options });
  closing.push(() => imgur.close());
  const service = await startApp({
    IMGUR_API_URL: imgur.url,
    ATTEMPTS: String(ATTEMPTS),
    RETRY_DELAY_MS: '5',
    DRAIN_TIMEOUT_MS: '0',
    ...settings,
  });
  closing.push(() => service.app.drain());
  return { service, imgur };
}

/** URLs of so many pictures of a source. */
export function picturesOf(source: { url: string }, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${source.url}/${n}/palette.png?key=s3cret-${n}`);
}
