import type { App } from '../../lib/app';
import { installApp } from '../../lib/app-anchor';
import { loadConfig } from '../../lib/config';
import { LinksBody } from '../../lib/http/links-body';
import { createJobLog } from '../../lib/jobs/job-log';
import { MemoryJobs } from '../../lib/jobs/memory-jobs';
import type { AsyncInvoker } from '../../lib/jobs/invoke-async';
import { logLines, type LogLine } from './log-lines';

export interface TestApp {
  readonly app: App;
  readonly lines: LogLine[];
  /** The functions that were started, with their events; they do not run. */
  readonly invoked: { name: string; event: unknown }[];
  /** What the app's store is. */
  readonly jobs: MemoryJobs;
  /** How often the worker was asked to run. */
  readonly runs: () => number;
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
  let runs = 0;
  const invoker: AsyncInvoker = {
    invoke: ({ name }, event) => {
      invoked.push({ name, event });
      return Promise.resolve();
    },
    settled: () => Promise.resolve(),
  };
  const run = (): Promise<void> => {
    runs += 1;
    return Promise.resolve();
  };
  const jobs = new MemoryJobs({ ...config, credentialOf: (clientId) => clientId ?? 'default' });
  const app = {
    config,
    log,
    store: jobs,
    links: new LinksBody(jobs),
    worker: { run, drain: () => Promise.resolve() },
    jobLog: createJobLog(log),
    invoker,
    gate: { pausedUntil: () => null },
    embedded: null,
    fleet: null,
    draining: false,
    unready: () => Promise.resolve(null),
    drain: () => Promise.resolve(),
    ...overrides,
  } as unknown as App;
  installApp(app);
  return { app, lines, invoked, jobs, runs: () => runs };
}
