import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { cleanEnvironment } from '../test/support/clean-environment';
import { HttpClient } from './http-client';
import { Channel } from './part';

const PROJECT = path.join(__dirname, '..');
const UPLOADS = '/v1/images/upload';
const STOP_MS = 15_000;

export interface Ended {
  /** Unix time in milliseconds, as the service logged it. */
  readonly endedAt: number;
  readonly complete: number;
  readonly failed: number;
}
export interface Done extends Ended {
  /** From before the submission to the end of the job's last image. */
  readonly ms: number;
}

export interface Service {
  readonly pid: number;
  readonly client: HttpClient;
  /** Answers only where the probe was preloaded. */
  readonly probe: Channel;
  /** @returns the id of the job. */
  submit(urls: readonly string[]): Promise<string>;
  /** Waits for a job by the log: to ask for its state again and again would cost the service. */
  ended(jobId: string): Promise<Ended>;
  /** Submits one job and waits for it. */
  relay(urls: readonly string[]): Promise<Done>;
  stop(): Promise<void>;
}

interface LogLine {
  readonly time: string;
  readonly jobId: string;
  readonly complete: number;
  readonly failed: number;
}

/** The lines of the log that a row waits for. */
const AWAITED = /is ready at|"job complete"/;

/**
 * Calls back with each line where one of them is awaited. There is one for each image: to take all
 * apart would cost the core that source and Imgur share.
 */
function onLines(output: Readable, listener: (line: string) => void): void {
  let rest = '';
  output.on('data', (text: string) => {
    const end = text.lastIndexOf('\n') + 1;
    const lines = rest + text.slice(0, end);
    if (end > 0 && AWAITED.test(lines)) lines.split('\n').forEach(listener);
    rest = end > 0 ? text.slice(end) : rest + text;
  });
}

/**
 * Starts the service as users do, through serverless-offline, and resolves when it is ready.
 *
 * @param options.probe whether to preload the probe.
 * @param options.npm whether by `npm start`.
 */
export async function startService(
  settings: Readonly<Record<string, string>>,
  { probe = false, npm = false } = {},
): Promise<Service> {
  const preload = ['--expose-gc', '--require', JSON.stringify(path.join(__dirname, 'probe.cjs'))];
  const command = npm ? 'npm' : process.execPath;
  const child = spawn(command, [npm ? 'start' : 'local/start.mjs'], {
    cwd: PROJECT,
    env: {
      ...cleanEnvironment(),
      LOG_LEVEL: 'info',
      PORT: '0',
      ...settings,
      ...(probe ? { NODE_OPTIONS: preload.join(' ') } : {}),
    },
    stdio: ['ignore', 'pipe', 'pipe', probe ? 'ipc' : 'ignore'],
    // npm runs the service as a child of its own: a stop goes to the whole group.
    detached: npm,
  });
  const signal = (name: NodeJS.Signals): void => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    process.kill(npm ? -child.pid : child.pid, name);
  };
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error('Expected the output of the service, got none');
  // Nothing is left behind, however this process ends.
  const onExit = (): void => signal('SIGKILL');
  process.once('exit', onExit);
  let said = '';
  const listen = (text: string): void => {
    said = (said + text).slice(-2000);
  };
  stderr.setEncoding('utf8').on('data', listen);
  stdout.setEncoding('utf8').on('data', listen);
  const exited = new Promise<void>((resolve) => child.on('exit', () => resolve()));

  const done = new Map<string, LogLine>();
  const waiting = new Map<string, (line: LogLine) => void>();
  const port = await new Promise<number>((resolve, reject) => {
    void exited.then(() => reject(new Error(`The service ended, after: ${said}`)));
    onLines(stdout, (text) => {
      if (text.includes('is ready at')) resolve((JSON.parse(text) as { port: number }).port);
      if (!text.includes('"job complete"')) return;
      const line = JSON.parse(text) as LogLine;
      const listener = waiting.get(line.jobId);
      waiting.delete(line.jobId);
      if (listener) listener(line);
      else done.set(line.jobId, line);
    });
  });

  const client = new HttpClient(`http://127.0.0.1:${port}`);
  const service: Service = {
    pid: child.pid ?? 0,
    client,
    probe: new Channel(child),

    async submit(urls) {
      const { status, text } = await client.post(UPLOADS, JSON.stringify({ urls }));
      if (status !== 202) throw new Error(`Expected 202 to a submission, got ${status}: ${text}`);
      return (JSON.parse(text) as { jobId: string }).jobId;
    },

    async ended(jobId) {
      const { time, complete, failed } = await lineOf(jobId);
      return { endedAt: Date.parse(time), complete, failed };
    },

    async relay(urls) {
      const startedAt = Date.now();
      const ended = await service.ended(await service.submit(urls));
      return { ...ended, ms: ended.endedAt - startedAt };
    },

    async stop() {
      client.close();
      signal('SIGTERM');
      const deadline = setTimeout(() => signal('SIGKILL'), STOP_MS);
      await exited;
      clearTimeout(deadline);
      process.off('exit', onExit);
    },
  };
  return service;

  function lineOf(jobId: string): Promise<LogLine> {
    const line = done.get(jobId);
    done.delete(jobId);
    if (line) return Promise.resolve(line);
    return new Promise((resolve, reject) => {
      waiting.set(jobId, resolve);
      void exited.then(() => reject(new Error(`The service ended, after: ${said}`)));
    });
  }
}
