import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { residentBytes } from '../test/support/resident-memory';

const run = promisify(execFile);
/** Often enough to meet what a picture takes, and seldom enough to cost nothing. */
const EVERY_MS = 200;

export interface MemoryWatch {
  /** The most that the process has had, in bytes of resident memory. */
  readonly most: number;
  /** The same of one of its children that convert; 0 without one. */
  readonly mostOfChildren: number;
  stop(): void;
}

/** Looks again and again at what a service and its children that convert take. */
export function watchMemory(pid: number): MemoryWatch {
  let most = residentBytes(pid);
  let mostOfChildren = 0;
  const timer = setInterval(() => void look(), EVERY_MS);

  async function look(): Promise<void> {
    const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,rss=,args=']);
    for (const line of stdout.split('\n')) {
      const [own, parent, kilobytes] = line.trim().split(/\s+/, 3).map(Number);
      const bytes = 1024 * (kilobytes ?? 0);
      if (own === pid) most = Math.max(most, bytes);
      else if (parent === pid && line.includes('convert/child')) {
        mostOfChildren = Math.max(mostOfChildren, bytes);
      }
    }
  }

  return {
    get most() {
      return most;
    },
    get mostOfChildren() {
      return mostOfChildren;
    },
    stop: () => clearInterval(timer),
  };
}
