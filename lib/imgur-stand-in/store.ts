import { randomInt } from 'node:crypto';
import type { PictureType } from './picture';

/** A picture as it is kept. */
export interface StoredPicture extends PictureType {
  /** 7 alphanumerics: the name in its link. */
  id: string;
  /** 15 alphanumerics: who knows them may delete the picture. */
  deletehash: string;
  bytes: Buffer;
  width: number;
  height: number;
  animated: boolean;
  /** Seconds since 1970, as Imgur counts. */
  datetime: number;
  title: string | null;
  description: string | null;
  name: string;
  /** Whether it was uploaded to the account rather than anonymously. */
  owned: boolean;
}

/** Room for one upload on its way. It ends with `keep` or `release`; what comes later does nothing. */
export interface Arrival {
  /** Counts bytes that have arrived, and drops the oldest pictures for them where it must. */
  grow: (bytes: number) => void;
  /** The upload is whole: from now on its picture counts instead. */
  keep: (picture: StoredPicture) => void;
  /** The upload came to nothing. */
  release: () => void;
}

export interface PictureStore {
  /** Bytes of the pictures kept and of the uploads on their way; never above the limit. */
  readonly heldBytes: number;
  /**
   * Waits, first come first served, until an upload of so many bytes has room beside the others
   * that are on their way.
   *
   * @throws the signal's reason, if it is aborted before.
   */
  admit: (bytes: number, signal: AbortSignal) => Promise<Arrival>;
  /** Names for a new picture, drawn so that none can be guessed. */
  newNames: () => Pick<StoredPicture, 'id' | 'deletehash'>;
  byId: (id: string) => StoredPicture | undefined;
  byDeletehash: (deletehash: string) => StoredPicture | undefined;
  remove: (picture: StoredPicture) => void;
}

/**
 * What a picture costs beside its bytes. Without it, a flood of pictures of a few dozen bytes each
 * would take many times the limit in records.
 */
export const RECORD_BYTES = 1024;

function costOf(picture: StoredPicture): number {
  const { title, description, name } = picture;
  const characters = (title?.length ?? 0) + (description?.length ?? 0) + name.length;
  return picture.bytes.length + 2 * characters + RECORD_BYTES;
}

const ALPHANUMERICS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function randomName(length: number): string {
  let name = '';
  while (name.length < length) name += ALPHANUMERICS.charAt(randomInt(ALPHANUMERICS.length));
  return name;
}

interface Waiter {
  bytes: number;
  enter: () => void;
}

/**
 * Keeps pictures in memory, within `maxBytes` in all: where that would be passed, the oldest goes.
 *
 * An upload is admitted before it is read, and all those admitted fit into the limit together. So
 * whoever is in can always finish, and whoever is not waits with its bytes still on the wire.
 */
export function createPictureStore(options: { maxBytes: number }): PictureStore {
  const { maxBytes } = options;
  // A Map keeps the order of insertion: its first entry is the oldest picture.
  const pictures = new Map<string, StoredPicture>();
  const idByDeletehash = new Map<string, string>();
  const waiting: Waiter[] = [];
  let storedBytes = 0;
  let arrivedBytes = 0;
  let promisedBytes = 0;

  function remove(picture: StoredPicture): void {
    if (!pictures.delete(picture.id)) return;
    idByDeletehash.delete(picture.deletehash);
    storedBytes -= costOf(picture);
  }

  function makeRoom(): void {
    for (const oldest of pictures.values()) {
      if (storedBytes + arrivedBytes <= maxBytes) return;
      remove(oldest);
    }
  }

  function admitWaiting(): void {
    for (let next = waiting[0]; next; next = waiting[0]) {
      if (promisedBytes + next.bytes > maxBytes) return;
      waiting.shift();
      next.enter();
    }
  }

  function startArrival(promised: number): Arrival {
    let arrived = 0;
    let open = true;
    promisedBytes += promised;

    function end(): boolean {
      if (!open) return false;
      open = false;
      promisedBytes -= promised;
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
      keep(picture) {
        if (!end()) return;
        pictures.set(picture.id, picture);
        idByDeletehash.set(picture.deletehash, picture.id);
        storedBytes += costOf(picture);
        makeRoom();
        admitWaiting();
      },
      release() {
        if (end()) admitWaiting();
      },
    };
  }

  return {
    get heldBytes() {
      return storedBytes + arrivedBytes;
    },

    admit(bytes, signal) {
      return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        // One that is larger than everything is let in alone: its bytes are counted as they come.
        const promised = Math.min(bytes, maxBytes);
        const leave = (): void => {
          waiting.splice(waiting.indexOf(waiter), 1);
          reject(signal.reason as Error);
          // Whoever stood behind a large one may fit.
          admitWaiting();
        };
        const waiter: Waiter = {
          bytes: promised,
          enter() {
            signal.removeEventListener('abort', leave);
            resolve(startArrival(promised));
          },
        };
        signal.addEventListener('abort', leave, { once: true });
        waiting.push(waiter);
        admitWaiting();
      });
    },

    newNames() {
      let id = randomName(7);
      while (pictures.has(id)) id = randomName(7);
      return { id, deletehash: randomName(15) };
    },
    byId: (id) => pictures.get(id),
    byDeletehash: (deletehash) => pictures.get(idByDeletehash.get(deletehash) ?? ''),
    remove,
  };
}
