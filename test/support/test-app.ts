import type { App } from '../../lib/app';
import { installApp } from '../../lib/app-anchor';
import { loadConfig } from '../../lib/config';
import { LinksBody } from '../../lib/http/links-body';
import { createIdempotency } from '../../lib/jobs/idempotency';
import { MemoryJobStore } from '../../lib/jobs/memory-job-store';
import type { AsyncInvoker } from '../../lib/jobs/invoke-async';
import { logLines, type LogLine } from './log-lines';

export interface TestApp {
  readonly app: App;
  readonly lines: LogLine[];
  /** The functions that were started, with their events; they do not run. */
  readonly invoked: { name: string; event: unknown }[];
  /** The jobs that the scheduler was asked to run or to cancel. */
  readonly scheduled: string[];
}

/**
 * Installs an App with the real store, whose other ports only note what is asked of them: what a
 * function does by itself can be seen without a network.
 */
export function installTestApp(
  env: Record<string, string> = {},
  overrides: Partial<App> = {},
): TestApp {
  const config = loadConfig(env);
  const { log, lines } = logLines();
  const invoked: TestApp['invoked'] = [];
  const scheduled: string[] = [];
  const invoker: AsyncInvoker = {
    invoke: ({ name }, event) => {
      invoked.push({ name, event });
      return Promise.resolve();
    },
    settled: () => Promise.resolve(),
  };
  const note = (jobId: string): Promise<void> => {
    scheduled.push(jobId);
    return Promise.resolve();
  };
  const store = new MemoryJobStore(config);
  const app = {
    config,
    log,
    store,
    links: new LinksBody(store),
    scheduler: { run: note, cancel: note, drain: () => Promise.resolve() },
    invoker,
    idempotency: createIdempotency({ ttlMs: 1000, maxKeys: 10 }),
    gate: { pausedUntil: () => null },
    embedded: null,
    draining: false,
    unready: () => Promise.resolve(null),
    drain: () => Promise.resolve(),
    ...overrides,
  } as unknown as App;
  installApp(app);
  return { app, lines, invoked, scheduled };
}
