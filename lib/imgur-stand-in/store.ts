import { randomInt } from 'node:crypto';
import type { PictureType } from './picture';

/** What is known of a picture beside its bytes. */
export interface PictureRecord extends PictureType {
  /** 7 alphanumerics: the name in its link. */
  id: string;
  /** 15 alphanumerics: who knows them may delete the picture. */
  deletehash: string;
  /** In bytes. */
  size: number;
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

export interface StoredPicture extends PictureRecord {
  bytes: Buffer;
}

/** What is served as it stands. */
export type File = Pick<StoredPicture, 'bytes' | 'type'>;

export type Privacy = 'public' | 'hidden' | 'secret';

export interface Album {
  /** 7 alphanumerics: the name in its link. */
  id: string;
  /** 15 alphanumerics: who knows them may change and delete the album. */
  deletehash: string;
  title: string | null;
  description: string | null;
  privacy: Privacy;
  /** The id of the picture that stands for it. */
  cover: string | null;
  datetime: number;
  owned: boolean;
  /** The ids of its pictures, in order. Some may be gone by now. */
  pictures: readonly string[];
}

/** Room for one upload on its way. It ends with `keep` or `release`; what comes later does nothing. */
export interface Arrival {
  /** Counts bytes that have arrived, and makes room for them where it must. */
  grow: (bytes: number) => void;
  /**
   * The upload is whole: once this is done, its picture can be had.
   *
   * @throws {StoreFull} and whatever a disk has to say.
   */
  keep: (picture: StoredPicture) => Promise<void>;
  /** The upload came to nothing. */
  release: () => void;
}

type Names = Pick<PictureRecord, 'id' | 'deletehash'>;

/** Where pictures and albums are kept. What cannot be the name of anything is simply not found. */
export interface PictureStore {
  /** Bytes of what is kept and of the uploads on their way. */
  readonly heldBytes: number;
  /**
   * Waits, first come first served, until an upload of so many bytes has room beside the others
   * that are on their way.
   *
   * @throws the signal's reason, if it is aborted before; {StoreFull}.
   */
  admit: (bytes: number, signal: AbortSignal) => Promise<Arrival>;
  /** Names for a new picture or album, drawn so that none can be guessed. */
  newNames: () => Promise<Names>;
  byId: (id: string) => Promise<PictureRecord | undefined>;
  byDeletehash: (deletehash: string) => Promise<PictureRecord | undefined>;
  /** @param file the last part of a link, `{id}.{ext}`. */
  read: (file: string) => Promise<File | undefined>;
  remove: (picture: Names & PictureType) => Promise<void>;
  /** @throws {StoreFull} */
  keepAlbum: (album: Album) => Promise<void>;
  albumById: (id: string) => Promise<Album | undefined>;
  albumByDeletehash: (deletehash: string) => Promise<Album | undefined>;
  /** Puts a picture at the end of an album. */
  addToAlbum: (album: Album, pictureId: string) => Promise<void>;
  removeAlbum: (album: Album) => Promise<void>;
  close: () => void;
}

/** Thrown where something would take more room than there is, and nothing is dropped for it. */
export class StoreFull extends Error {
  override readonly name = 'StoreFull';
}

/**
 * What a picture or an album costs beside its bytes. Without it, a flood of pictures of a few dozen
 * bytes each would take many times the limit in records.
 */
export const RECORD_BYTES = 1024;

const ALPHANUMERICS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export function randomName(length: number): string {
  let name = '';
  while (name.length < length) name += ALPHANUMERICS.charAt(randomInt(ALPHANUMERICS.length));
  return name;
}
