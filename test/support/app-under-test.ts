import { createApp, type App, type AppOverrides } from '../../lib/app';
import { loadConfig } from '../../lib/config';
import type { ImageRecord } from '../../lib/jobs/job';
import { awaitUntil } from './await-until';
import { logLines, type LogLine } from './log-lines';

export interface AppUnderTest {
  readonly app: App;
  readonly lines: LogLine[];
  /** Creates a job and starts it. */
  start(urls: readonly string[], clientId?: string): Promise<{ id: string; done: Promise<void> }>;
  /** Creates a job, waits until it is complete, and gives its images. */
  relay(urls: readonly string[], clientId?: string): Promise<readonly ImageRecord[]>;
  images(jobId: string): Promise<readonly ImageRecord[]>;
}

/** The whole service without its HTTP side, in this process; loopback is open to downloads. */
export async function startApp(
  settings: Record<string, string>,
  overrides: AppOverrides = {},
): Promise<AppUnderTest> {
  const { log, lines } = logLines();
  const environment = {
    IMGUR_CLIENT_ID: 's3cret-client-id',
    DOWNLOAD_ALLOWED_NETWORKS: '127.0.0.0/8,::1/128',
    ...settings,
  };
  const app = await createApp(loadConfig(environment), { log, ...overrides });

  const start: AppUnderTest['start'] = async (urls, clientId) => {
    const { jobId: id } = await app.store.create({ urls, clientId: clientId ?? null });
    const isComplete = async (): Promise<boolean> =>
      (await app.store.get(id))?.status === 'complete';
    // The run of another job may take this one along.
    const run = app.worker.run();
    const done = run.then(() => awaitUntil(`job ${id} to be complete`, isComplete, 120_000));
    return { id, done: done.then(() => undefined) };
  };
  const images: AppUnderTest['images'] = async (jobId) =>
    (await app.store.get(jobId))?.images ?? [];
  return {
    app,
    lines,
    start,
    images,
    async relay(urls, clientId) {
      const { id, done } = await start(urls, clientId);
      await done;
      return images(id);
    },
  };
}
