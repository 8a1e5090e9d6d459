import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, unlink, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Where files stand that are not whole yet: on the file system of those that are. */
const TEMPORARY = 'temporary';
/** Far longer than any file takes to be written: it is in memory by then. */
const ABANDONED_MS = 60_000;

const HOST = hostname().replace(/[^\w-]/g, '_');
const RUN = randomBytes(4).toString('hex');
/** This process in the name of a file. Processes of several containers may share a folder. */
const US = `${HOST}.${process.pid}.${RUN}`;

/** Files that are written whole or not at all, also where the process or the machine dies. */
export interface KeptFiles {
  /**
   * Writes a file: under another name first, then to the disk, then under its own.
   *
   * @param path within the folder.
   * @throws what the file system says; nothing is left behind then.
   */
  write(path: string, data: Buffer | string): Promise<void>;
  /** Deletes a file. @returns whether it was there. */
  remove(path: string): Promise<boolean>;
  /** Adds to the end of a file, in one piece. */
  append(path: string, data: string): Promise<void>;
  close(): void;
}

/**
 * @param folders within the directory; they are made where they are missing.
 * @throws what the file system says if the directory cannot be written.
 */
export async function openKeptFiles(
  directory: string,
  folders: readonly string[],
): Promise<KeptFiles> {
  for (const folder of [TEMPORARY, ...folders]) {
    await mkdir(join(directory, folder), { recursive: true });
  }
  const temporary = join(directory, TEMPORARY);
  await sweep(temporary);
  // What another host had under way may be abandoned or not: that shows later.
  const later = setTimeout(() => void sweep(temporary).catch(() => undefined), ABANDONED_MS);
  later.unref();

  const files: KeptFiles = {
    async write(path, data) {
      const name = join(temporary, `${US}.${randomBytes(8).toString('hex')}`);
      try {
        await withFile(name, 'wx', async (file) => {
          await file.writeFile(data);
          await file.sync();
        });
        await rename(name, join(directory, path));
      } catch (error) {
        await rm(name, { force: true });
        throw error;
      }
      await syncFolderOf(join(directory, path));
    },
    async remove(path) {
      try {
        await unlink(join(directory, path));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
        throw error;
      }
      await syncFolderOf(join(directory, path));
      return true;
    },
    append(path, data) {
      return withFile(join(directory, path), 'a', async (file) => {
        await file.write(data);
        await file.sync();
      });
    },
    close: () => clearTimeout(later),
  };
  // Whether it can be written is told at the start, and not by the first upload.
  await files.write(`${TEMPORARY}/${US}.probe`, '');
  await files.remove(`${TEMPORARY}/${US}.probe`);
  return files;
}

/** Deletes what processes left behind that were killed. */
async function sweep(temporary: string): Promise<void> {
  for (const name of await readdir(temporary)) {
    const file = join(temporary, name);
    const [host, pid, run = ''] = name.split('.');
    const abandoned = host === HOST ? !isRunning(Number(pid), run) : await isOld(file);
    if (abandoned) await rm(file, { force: true });
  }
}

/** In a container that is started anew, the process before had the same number. */
function isRunning(pid: number, run: string): boolean {
  if (pid === process.pid) return run === RUN;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function isOld(file: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(file)).mtimeMs > ABANDONED_MS;
  } catch {
    return false;
  }
}

/** Makes a name in a folder as lasting as the file that it stands for. */
async function syncFolderOf(path: string): Promise<void> {
  try {
    await withFile(join(path, '..'), 'r', (folder) => folder.sync());
  } catch {
    // Some systems cannot; there the name lasts as it does.
  }
}

async function withFile(
  path: string,
  flags: string,
  use: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await open(path, flags);
  try {
    await use(file);
  } finally {
    await file.close();
  }
}
