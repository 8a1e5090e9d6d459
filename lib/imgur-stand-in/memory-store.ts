import { createWaitingRoom } from './arrivals';
import {
  type Album,
  type Arrival,
  type PictureRecord,
  type PictureStore,
  randomName,
  RECORD_BYTES,
  type StoredPicture,
} from './store';

/** Albums are small: of names alone, so the oldest go by number. */
const MAX_ALBUMS = 1000;

function costOf({ title, description, name, bytes }: StoredPicture): number {
  const characters = (title?.length ?? 0) + (description?.length ?? 0) + name.length;
  return bytes.length + 2 * characters + RECORD_BYTES;
}

/** Keeps pictures in memory, within `maxBytes` in all: where that would be passed, the oldest goes. */
export function createMemoryStore(options: { maxBytes: number }): PictureStore {
  const { maxBytes } = options;
  const room = createWaitingRoom(maxBytes);
  // A Map keeps the order of insertion: its first entry is the oldest.
  const pictures = new Map<string, StoredPicture>();
  const idByDeletehash = new Map<string, string>();
  const albums = new Map<string, Album>();
  let storedBytes = 0;
  let arrivedBytes = 0;

  function remove({ id }: Pick<PictureRecord, 'id'>): void {
    const picture = pictures.get(id);
    if (!picture) return;
    pictures.delete(id);
    idByDeletehash.delete(picture.deletehash);
    storedBytes -= costOf(picture);
  }

  function makeRoom(): void {
    for (const oldest of pictures.values()) {
      if (storedBytes + arrivedBytes <= maxBytes) return;
      remove(oldest);
    }
  }

  function startArrival(leave: () => void): Arrival {
    let arrived = 0;
    let open = true;

    function end(): boolean {
      if (!open) return false;
      open = false;
      arrivedBytes -= arrived;
      return true;
    }

    return {
      grow(bytes) {
        if (!open) return;
        arrived += bytes;
        arrivedBytes += bytes;
        makeRoom();
      },
      // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to be a rejection
      async keep(picture) {
        if (!end()) return;
        pictures.set(picture.id, picture);
        idByDeletehash.set(picture.deletehash, picture.id);
        storedBytes += costOf(picture);
        makeRoom();
        leave();
      },
      release() {
        if (end()) leave();
      },
    };
  }

  return {
    get heldBytes() {
      return storedBytes + arrivedBytes;
    },
    admit: async (bytes, signal) => startArrival(await room.enter(bytes, signal)),
    newNames() {
      let id = randomName(7);
      while (pictures.has(id) || albums.has(id)) id = randomName(7);
      return Promise.resolve({ id, deletehash: randomName(15) });
    },
    byId: (id) => Promise.resolve(pictures.get(id)),
    byDeletehash(deletehash) {
      return Promise.resolve(pictures.get(idByDeletehash.get(deletehash) ?? ''));
    },
    read(file) {
      const [id = '', ext] = file.split('.');
      const found = pictures.get(id);
      return Promise.resolve(found?.ext === ext ? found : undefined);
    },
    remove(picture) {
      remove(picture);
      return Promise.resolve();
    },
    keepAlbum(album) {
      albums.set(album.id, album);
      for (const oldest of albums.keys()) {
        if (albums.size <= MAX_ALBUMS) break;
        albums.delete(oldest);
      }
      return Promise.resolve();
    },
    albumById: (id) => Promise.resolve(albums.get(id)),
    albumByDeletehash(deletehash) {
      const all = [...albums.values()];
      return Promise.resolve(all.find((album) => album.deletehash === deletehash));
    },
    addToAlbum({ id }, pictureId) {
      const album = albums.get(id);
      if (album) albums.set(id, { ...album, pictures: [...album.pictures, pictureId] });
      return Promise.resolve();
    },
    removeAlbum: ({ id }) => Promise.resolve(void albums.delete(id)),
    close: () => undefined,
  };
}
