import { execFileSync } from 'node:child_process';

/** Resident memory of a process, in bytes. */
export function residentBytes(pid: number): number {
  const text = execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  return Number(text) * 1024;
}
