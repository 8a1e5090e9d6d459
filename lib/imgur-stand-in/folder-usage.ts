import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** What a file costs beside its bytes: its name, and the rest of its last block. */
const FILE_BYTES = 512;
/** Files that are looked at before everything else has its turn. */
const BATCH = 200;
/** A folder is read anew no sooner than so many times as long as that took. */
const REST = 20;

/** How much the files of some folders take, those that other processes wrote included. */
export interface FolderUsage {
  readonly bytes: number;
  /** Resolves when the number is that of now, or of a moment ago. */
  refresh(): Promise<void>;
  add(folder: string, name: string, size: number): void;
  drop(folder: string, name: string): void;
}

interface Watched {
  readonly folder: string;
  readonly costs: Map<string, number>;
  /** When the folder was last changed, as it was last read; in milliseconds. */
  readAs: number;
}

/** What a file of so many bytes counts for. */
export function fileCost(size: number): number {
  return size + FILE_BYTES;
}

/**
 * The names in memory take about 100 bytes for each file. To read what others wrote, a folder is
 * listed when it has changed, and only the files that are new are looked at.
 */
export function createFolderUsage(directory: string, folders: readonly string[]): FolderUsage {
  const all = folders.map((folder): Watched => ({
    folder,
    costs: new Map(),
    readAs: Number.NEGATIVE_INFINITY,
  }));
  let bytes = 0;
  let reading: Promise<void> | null = null;
  let restUntil = 0;

  function set({ costs }: Watched, name: string, cost: number | undefined): void {
    bytes += (cost ?? 0) - (costs.get(name) ?? 0);
    if (cost === undefined) costs.delete(name);
    else costs.set(name, cost);
  }

  async function read(watched: Watched): Promise<void> {
    const path = join(directory, watched.folder);
    const changed = statSync(path).mtimeMs;
    if (changed === watched.readAs) return;
    const before = new Set(watched.costs.keys());
    const names = readdirSync(path);
    for (const [index, name] of names.entries()) {
      if (before.delete(name)) continue;
      // One by one, as to wait for each costs ten times what it does.
      const size = statSync(join(path, name), { throwIfNoEntry: false })?.size;
      if (size !== undefined) set(watched, name, fileCost(size));
      if (index % BATCH === BATCH - 1) await nextTurn();
    }
    const gone = (name: string): boolean =>
      statSync(join(path, name), { throwIfNoEntry: false }) === undefined;
    // What was written or deleted here meanwhile is known already.
    for (const name of before) if (gone(name)) set(watched, name, undefined);
    watched.readAs = changed;
  }

  async function readAll(): Promise<void> {
    const startedAt = performance.now();
    for (const watched of all) await read(watched);
    const now = performance.now();
    restUntil = now + REST * (now - startedAt);
  }

  const find = (folder: string): Watched | undefined => all.find((each) => each.folder === folder);

  return {
    get bytes() {
      return bytes;
    },
    async refresh() {
      if (!reading && performance.now() < restUntil) return;
      reading ??= readAll().finally(() => (reading = null));
      await reading;
    },
    add(folder, name, size) {
      const watched = find(folder);
      if (watched) set(watched, name, fileCost(size));
    },
    drop(folder, name) {
      const watched = find(folder);
      if (watched) set(watched, name, undefined);
    },
  };
}
