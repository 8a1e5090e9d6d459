import { timingSafeEqual } from 'node:crypto';
import { access, opendir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createWaitingRoom } from './arrivals';
import { createFolderUsage, fileCost, idOf } from './folder-usage';
import { openKeptFiles } from './kept-files';
import { typeOf } from './picture';
import {
  type Album,
  type Arrival,
  type PictureRecord,
  type PictureStore,
  randomName,
  StoreFull,
  type StoredPicture,
} from './store';

export interface FolderStoreOptions {
  directory: string;
  /** For all that is kept. Nothing is dropped: what would pass it is refused. */
  maxBytes: number;
  /** Memory for the uploads on their way, in bytes: 64 MiB. */
  maxArriving?: number;
}

const PICTURES = 'pictures';
const RECORDS = 'records';
const ALBUMS = 'albums';
const FOLDERS = [PICTURES, RECORDS, ALBUMS];
const ID = /^[0-9A-Za-z]{7}$/;
const FILE = /^([0-9A-Za-z]{7})\.([a-z]{3,4})$/;
/** A record without its picture is one that is being written, or that was not. */
const ORPHANED_MS = 60_000;

/**
 * Keeps pictures and albums in a folder, where they are again after a restart. Each picture is a
 * file of its own, `pictures/{id}.{ext}`, with what is known of it in `records/{id}.json`.
 *
 * The files are the only truth: nothing is looked up in memory, so that several processes can have
 * one folder. A deletehash begins with the id, so that it leads to its record. A picture is there
 * once its own file is, which is written last and deleted first.
 *
 * @throws what the file system says if the folder cannot be written.
 */
export async function openFolderStore(options: FolderStoreOptions): Promise<PictureStore> {
  const { directory, maxBytes, maxArriving = 67_108_864 } = options;
  const files = await openKeptFiles(directory, FOLDERS);
  const usage = createFolderUsage(directory, maxBytes, [
    { folder: PICTURES, filesOf: (name) => [join(PICTURES, name), recordOf(idOf(name))] },
    { folder: ALBUMS, filesOf: (name) => (name.endsWith('.json') ? [join(ALBUMS, name)] : []) },
  ]);
  const room = createWaitingRoom(maxArriving);
  /** Of what is being written at this moment. */
  let writingBytes = 0;
  let arrivedBytes = 0;
  // A large folder takes seconds to be counted. Pictures are served meanwhile; uploads wait.
  const counted = usage.refresh(0).then(() => removeOrphans());
  counted.catch(() => undefined);

  /** Writes the files of one thing, the last of which makes the others count. */
  async function write(
    folder: string,
    id: string,
    parts: readonly (readonly [path: string, data: string | Buffer])[],
  ): Promise<void> {
    const cost = parts.reduce((sum, [, data]) => sum + fileCost(Buffer.byteLength(data)), 0);
    await usage.refresh(writingBytes + cost);
    if (usage.bytes + writingBytes + cost > maxBytes) throw new StoreFull('The folder is full');
    writingBytes += cost;
    const written: string[] = [];
    try {
      for (const [path, data] of parts) {
        await files.write(path, data);
        written.push(path);
      }
      usage.set(folder, id, cost);
    } catch (error) {
      for (const path of written.reverse()) await files.remove(path);
      throw error;
    } finally {
      writingBytes -= cost;
    }
  }

  async function remove(folder: string, id: string, paths: readonly string[]): Promise<void> {
    for (const path of paths) await files.remove(path);
    usage.drop(folder, id);
  }

  async function removeOrphans(): Promise<void> {
    for await (const { name } of await opendir(join(directory, RECORDS), { bufferSize: 256 })) {
      if (usage.has(PICTURES, idOf(name))) continue;
      const { mtimeMs } = await stat(join(directory, RECORDS, name));
      if (Date.now() - mtimeMs > ORPHANED_MS) await files.remove(join(RECORDS, name));
    }
  }

  /** @returns undefined for what is not there. */
  async function readKept(folder: string, name: string): Promise<Buffer | undefined> {
    try {
      return await readFile(join(directory, folder, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async function isThere(folder: string, name: string): Promise<boolean> {
    return access(join(directory, folder, name)).then(
      () => true,
      () => false,
    );
  }

  async function byId(id: string): Promise<PictureRecord | undefined> {
    if (!ID.test(id)) return undefined;
    const json = await readKept(RECORDS, `${id}.json`);
    if (!json) return undefined;
    const record = JSON.parse(json.toString()) as PictureRecord;
    return (await isThere(PICTURES, `${id}.${record.ext}`)) ? record : undefined;
  }

  async function albumById(id: string): Promise<Album | undefined> {
    if (!ID.test(id)) return undefined;
    const json = await readKept(ALBUMS, `${id}.json`);
    if (!json) return undefined;
    const album = JSON.parse(json.toString()) as Album;
    const added = (await readKept(ALBUMS, `${id}.added`))?.toString() ?? '';
    const more = added.split('\n').filter((each) => ID.test(each));
    return { ...album, pictures: [...album.pictures, ...more] };
  }

  const startArrival = (leave: () => void): Arrival => {
    let arrived = 0;
    let open = true;
    const end = (): boolean => {
      if (!open) return false;
      open = false;
      arrivedBytes -= arrived;
      leave();
      return true;
    };
    return {
      grow(bytes) {
        if (!open) return;
        arrived += bytes;
        arrivedBytes += bytes;
      },
      async keep({ bytes, ...record }: StoredPicture) {
        if (!open) return;
        try {
          await write(PICTURES, record.id, [
            [recordOf(record.id), `${JSON.stringify(record)}\n`],
            [join(PICTURES, `${record.id}.${record.ext}`), bytes],
          ]);
        } finally {
          end();
        }
      },
      release: () => void end(),
    };
  };

  return {
    get heldBytes() {
      return usage.bytes + arrivedBytes;
    },
    async admit(bytes, signal) {
      await counted;
      await usage.refresh(0);
      // To be told so before the picture was sent for nothing.
      if (usage.bytes + 2 * fileCost(0) > maxBytes) throw new StoreFull('The folder is full');
      return startArrival(await room.enter(bytes, signal));
    },
    async newNames() {
      let id = randomName(7);
      while ((await isThere(RECORDS, `${id}.json`)) || (await isThere(ALBUMS, `${id}.json`))) {
        id = randomName(7);
      }
      return { id, deletehash: id + randomName(8) };
    },
    byId,
    byDeletehash: async (deletehash) => ifNamed(await byId(deletehash.slice(0, 7)), deletehash),
    async read(file) {
      const type = typeOf(FILE.exec(file)?.[2] ?? '');
      const bytes = type && (await readKept(PICTURES, file));
      return bytes && { bytes, type: type.type };
    },
    async remove({ id, ext }) {
      await remove(PICTURES, id, [join(PICTURES, `${id}.${ext}`), recordOf(id)]);
    },
    async keepAlbum(album) {
      await counted;
      const path = join(ALBUMS, `${album.id}.json`);
      await write(ALBUMS, album.id, [[path, `${JSON.stringify(album)}\n`]]);
    },
    albumById,
    albumByDeletehash: async (hash) => ifNamed(await albumById(hash.slice(0, 7)), hash),
    addToAlbum: ({ id }, pictureId) => files.append(join(ALBUMS, `${id}.added`), `${pictureId}\n`),
    async removeAlbum({ id }) {
      await remove(ALBUMS, id, [join(ALBUMS, `${id}.json`), join(ALBUMS, `${id}.added`)]);
    },
    close: () => files.close(),
  };
}

function recordOf(id: string): string {
  return join(RECORDS, `${id}.json`);
}

/** @returns what has this deletehash; how long that takes does not tell how much of it is right. */
function ifNamed<T extends { deletehash: string }>(
  found: T | undefined,
  deletehash: string,
): T | undefined {
  const [wanted, given] = [Buffer.from(found?.deletehash ?? ''), Buffer.from(deletehash)];
  return wanted.length === given.length && timingSafeEqual(wanted, given) ? found : undefined;
}
