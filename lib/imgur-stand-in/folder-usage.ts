import { statSync } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What a file costs beside its bytes: its name, and the rest of its last block. */
const FILE_BYTES = 512;
/**
 * A folder is read anew no sooner than so many times as long as that took, unless what was written here
 * since then takes half of the room there was: others may have filled the other half.
 */
const REST = 20;
/** File systems tell times in steps: in the step of its last change, a folder may change unseen. */
const STEP_MS = 50;

/** What a file of so many bytes counts for. */
export function fileCost(size: number): number {
  return size + FILE_BYTES;
}

/** One folder whose things are counted by their ids, which their names begin with. */
export interface Counted {
  readonly folder: string;
  /**
   * The files of a thing, within the directory.
   *
   * @param name of a file in the folder; what gives none is another's.
   */
  readonly filesOf: (name: string) => readonly string[];
}

/** How much the things in some folders take, those that other processes wrote included. */
export interface FolderUsage {
  readonly bytes: number;
  /**
   * Resolves when the number is that of now, or of a moment ago.
   *
   * @param coming bytes that are about to be written here.
   */
  refresh(coming: number): Promise<void>;
  set(folder: string, id: string, cost: number): void;
  drop(folder: string, id: string): void;
  has(folder: string, id: string): boolean;
}

interface Watched extends Counted {
  /** By id. */
  readonly costs: Map<string, number>;
  /** When the folder was last changed, as it was last read; in milliseconds. */
  readAs: number;
}

/** All names in this project's folders begin with an id of 7 characters. */
export function idOf(name: string): string {
  return name.slice(0, 7);
}

/**
 * Takes about 100 bytes of memory for each thing. To see what others wrote, a folder is listed when
 * it has changed, and only what is new is looked at.
 *
 * @param maxBytes for all that is kept.
 */
export function createFolderUsage(
  directory: string,
  maxBytes: number,
  counted: readonly Counted[],
): FolderUsage {
  const all = counted.map((each): Watched => ({ ...each, costs: new Map(), readAs: -Infinity }));
  let bytes = 0;
  /** What was there when the folders were last read, and what was written here since then. */
  let bytesRead = 0;
  let bytesSince = 0;
  let reading: Promise<void> | null = null;
  let restUntil = 0;

  function set({ costs }: Watched, id: string, cost: number): void {
    bytes += cost - (costs.get(id) ?? 0);
    costs.set(id, cost);
  }

  function drop({ costs }: Watched, id: string): void {
    bytes -= costs.get(id) ?? 0;
    costs.delete(id);
  }

  // At once, as to wait for each costs ten times what it does.
  const sizeOf = (file: string): number | undefined =>
    statSync(join(directory, file), { throwIfNoEntry: false })?.size;

  async function read(watched: Watched): Promise<void> {
    const path = join(directory, watched.folder);
    const changed = (await stat(path)).mtimeMs;
    if (changed === watched.readAs) return;
    // Of what was known before, whatever is not seen again may be gone.
    const unseen = new Set(watched.costs.keys());
    for await (const { name } of await opendir(path, { bufferSize: 256 })) {
      const files = watched.filesOf(name);
      if (files.length === 0) continue;
      const id = idOf(name);
      unseen.delete(id);
      if (watched.costs.has(id)) continue;
      const sizes = files.map(sizeOf);
      // It may have been deleted meanwhile.
      if (sizes[0] === undefined) continue;
      set(
        watched,
        id,
        sizes.reduce<number>((sum, size) => sum + (size === undefined ? 0 : fileCost(size)), 0),
      );
    }
    for (const id of unseen) drop(watched, id);
    watched.readAs = Date.now() - changed > STEP_MS ? changed : -Infinity;
  }

  async function readAll(): Promise<void> {
    const startedAt = performance.now();
    bytesSince = 0;
    for (const watched of all) await read(watched);
    bytesRead = bytes;
    const now = performance.now();
    restUntil = now + REST * (now - startedAt);
  }

  const find = (folder: string): Watched | undefined => all.find((each) => each.folder === folder);

  return {
    get bytes() {
      return bytes;
    },
    async refresh(coming) {
      const isLittle = 2 * (bytesSince + coming) <= maxBytes - bytesRead;
      if (!reading && isLittle && performance.now() < restUntil) return;
      reading ??= readAll().finally(() => (reading = null));
      await reading;
    },
    set(folder, id, cost) {
      const watched = find(folder);
      if (!watched) return;
      bytesSince += cost;
      set(watched, id, cost);
    },
    drop(folder, id) {
      const watched = find(folder);
      if (watched) drop(watched, id);
    },
    has: (folder, id) => find(folder)?.costs.has(id) ?? false,
  };
}
