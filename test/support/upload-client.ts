import { spawn } from 'node:child_process';
import path from 'node:path';
import { cleanEnvironment } from './clean-environment';

export interface ClientRun {
  readonly output: { stdout: string; stderr: string };
  readonly exited: Promise<number | string>;
  signal(signal: NodeJS.Signals): void;
}

/** Runs what `npm run upload --` runs, without a terminal. */
export function runUploadClient(
  args: readonly string[],
  { env = {}, stdin = '' }: { env?: Record<string, string>; stdin?: string } = {},
): ClientRun {
  const child = spawn(process.execPath, ['cli/upload.cjs', ...args], {
    cwd: path.join(__dirname, '..', '..'),
    env: { ...cleanEnvironment(), ...env },
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  child.stdin.end(stdin);
  const exited = new Promise<number | string>((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'gone'));
  });
  return { output, exited, signal: (signal) => child.kill(signal) };
}
