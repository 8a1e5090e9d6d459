import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createApiCheck, type ApiCheck } from './api-check';
import { awaitUntil } from './await-until';
import { builtService } from './built-service';
import { checkAnswersOf } from './checked-fetch';
import { cleanEnvironment } from './clean-environment';
import type { LogLine } from './log-lines';
import { assertNoSecrets, watchForSecrets } from './secrets';

const PROJECT = path.join(__dirname, '..', '..');

export interface Service {
  readonly url: string;
  readonly pid: number;
  /** Every line of standard output so far, parsed. */
  readonly lines: LogLine[];
  /** What came on standard output and standard error so far, as it came. */
  readonly output: { stdout: string; stderr: string };
  submit(urls: readonly string[], extra?: object): Promise<string>;
  job(jobId: string): Promise<JobBody>;
  images(jobId: string): Promise<ImageBody[]>;
  /** Resolves with the job once it is complete. */
  completed(jobId: string, timeoutMs?: number): Promise<JobBody>;
  signal(signal: NodeJS.Signals): void;
  /** As when whoever reads the output dies. */
  closeReader(of: 'stdout' | 'stderr'): void;
  /** Resolves with the exit status, or the signal that ended the process. */
  readonly exited: Promise<number | string>;
  stop(): Promise<number | string>;
  /** Judges every answer that is fetched from here by what the service says of itself. */
  readonly api: ApiCheck;
}

export interface JobBody {
  id: string;
  created: string;
  finished: string | null;
  status: 'pending' | 'in-progress' | 'complete';
  uploaded: { pending: string[]; complete: string[]; failed: string[] };
}

export interface ImageBody {
  url: string;
  status: string;
  link: string | null;
  error: { code: string; message: string; retryable: boolean } | null;
  attempts: number;
  bytes: number | null;
  type: string | null;
  durationMs: number | null;
}

export interface ServiceProcess {
  readonly child: ChildProcess;
  readonly output: Service['output'];
  readonly exited: Service['exited'];
}

/**
 * Runs what `npm start` runs, without waiting for it to be ready; on any free port, unless the
 * settings say otherwise.
 *
 * @param options.npm whether by npm itself, in a process group of its own.
 * @param options.project the folder to start from, where it is not this one.
 */
export function spawnService(
  settings: Record<string, string | undefined>,
  { npm = false, project = PROJECT } = {},
): ServiceProcess {
  const child = spawn(npm ? 'npm' : process.execPath, [npm ? 'start' : 'local/start.mjs'], {
    cwd: project,
    env: { ...cleanEnvironment(), PORT: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: npm,
  });
  const output = { stdout: '', stderr: '' };
  watchForSecrets(() => output.stdout + output.stderr);
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const exited = new Promise<number | string>((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'gone'));
  });
  return { child, output, exited };
}

/** Resolves with the line that says that the service is ready; rejects if it ends before that. */
export async function readyLine({ output, exited }: ServiceProcess): Promise<ReadyLine> {
  let ended = false;
  void exited.then(() => (ended = true));
  const text = await awaitUntil(
    'the service to be ready',
    () => {
      if (ended) throw new Error(`The service ended: ${output.stderr}${output.stdout}`);
      return /^.*is ready at.*\n/m.exec(output.stdout)?.[0];
    },
    100_000,
  );
  return JSON.parse(text) as ReadyLine;
}
interface ReadyLine extends LogLine {
  port: number;
}

/**
 * Starts the service through serverless-offline and resolves when it says that it is ready. Where
 * `API_KEYS` are set, the first one is used.
 *
 * @param options.built whether as the container does; else as `npm start`, which bundles it first.
 * @param options.project the folder to start from, where it is another one.
 */
export async function startService(
  settings: Record<string, string> = {},
  { built = true, project }: { built?: boolean; project?: string } = {},
): Promise<Service> {
  const folder = project ?? (built ? await builtService() : PROJECT);
  const started = spawnService(settings, { project: folder });
  const { child, output, exited } = started;
  const url = `http://127.0.0.1:${(await readyLine(started)).port}`;

  const [key] = settings['API_KEYS']?.split(',') ?? [];
  const keyHeader: Record<string, string> = key === undefined ? {} : { 'x-api-key': key };

  const json = async <T>(target: string, init: RequestInit = {}): Promise<T> => {
    const headers = { 'content-type': 'application/json', ...keyHeader };
    const response = await fetch(url + target, { ...init, headers });
    if (!response.ok) throw new Error(`${target}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const service: Omit<Service, 'api'> = {
    url,
    pid: child.pid ?? 0,
    get lines() {
      const complete = output.stdout.slice(0, output.stdout.lastIndexOf('\n') + 1);
      return complete
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as LogLine);
    },
    output,
    exited,
    async submit(urls, extra = {}) {
      const { jobId } = await json<{ jobId: string }>('/v1/images/upload', {
        method: 'POST',
        body: JSON.stringify({ urls, ...extra }),
      });
      return jobId;
    },
    job: (jobId) => json(`/v1/images/upload/${jobId}`),
    images: async (jobId) =>
      (await json<{ images: ImageBody[] }>(`/v1/images/upload/${jobId}/images`)).images,
    completed: (jobId, timeoutMs) =>
      awaitUntil(
        `job ${jobId} to be complete`,
        async () => {
          const job = await service.job(jobId);
          return job.status === 'complete' ? job : null;
        },
        timeoutMs,
      ),
    signal: (signal) => child.kill(signal),
    closeReader: (of) => child[of]?.destroy(),
    stop: async () => {
      child.kill('SIGTERM');
      const status = await exited;
      assertNoSecrets(output.stdout + output.stderr);
      return status;
    },
  };

  // One that only works on images does not describe itself.
  const isWorker = settings['ROLE'] === 'worker';
  const api = isWorker ? createApiCheck({ paths: {} }) : await checkAnswersOf(url);
  // Not a copy: some of the properties are read anew each time.
  return Object.assign(service, { api });
}
