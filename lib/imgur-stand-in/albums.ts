import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { imageData } from './calls';
import { readForm } from './form';
import type { Caller, Credentials } from './oauth';
import { type FaultScript, playAfterBody, scripted, takesEffect } from './play';
import { type Exchange, htmlReply, LEGACY, overCapacity, type Reply, send } from './replies';
import {
  type Album,
  type PictureRecord,
  type PictureStore,
  type Privacy,
  StoreFull,
} from './store';

/** Pictures of an album and the fields around them. */
const MAX_FIELDS = 10_000;
const MAX_BYTES = 1_048_576;

type Entries = readonly (readonly [name: string, value: string])[];

export interface AlbumParts {
  store: PictureStore;
  credentials: Credentials;
  linkOf: (picture: PictureRecord) => string;
  /** Where an album can be opened. */
  albumLinkOf: (album: Album) => string;
  script: FaultScript;
}

/** Builds the handlers of the API's calls about albums (apidocs.imgur.com, "Album"). */
export function createAlbumCalls(parts: AlbumParts) {
  const { store, credentials, linkOf, albumLinkOf, script } = parts;

  /** The pictures that a form names, in its order: by deletehash, or by id those of the account. */
  async function picturesOf(entries: Entries, caller: Caller): Promise<PictureRecord[] | null> {
    const found: PictureRecord[] = [];
    for (const [name, value] of entries) {
      const [, kind] = /^(ids|deletehashes)(?:\[\d*\])?$/.exec(name) ?? [];
      if (kind === undefined) continue;
      for (const each of value.split(',')) {
        const byId = kind === 'ids' && caller === 'account' ? await store.byId(each) : undefined;
        const picture = byId?.owned ? byId : await store.byDeletehash(each);
        if (!picture) return null;
        found.push(picture);
      }
    }
    return found;
  }

  async function toAlbum(entries: Entries, caller: Caller): Promise<Album | string> {
    const fields: Partial<Record<string, string>> = Object.fromEntries(entries);
    const { privacy = 'hidden' } = fields;
    if (!isPrivacy(privacy)) return 'Invalid album privacy setting';
    const pictures = await picturesOf(entries, caller);
    if (!pictures) return 'You must own all the image ids to add them to album';
    const ids = pictures.map(({ id }) => id);
    const cover = ids.find((id) => id === fields['cover']) ?? ids[0] ?? null;
    return {
      ...(await store.newNames()),
      title: fields['title'] ?? null,
      description: fields['description'] ?? null,
      privacy,
      cover,
      datetime: Math.floor(Date.now() / 1000),
      owned: caller === 'account',
      pictures: ids,
    };
  }

  async function describe(album: Album): Promise<Record<string, unknown>> {
    const pictures = await Promise.all(album.pictures.map((id) => store.byId(id)));
    const images = pictures.flatMap((picture) =>
      picture ? [{ ...imageData(picture, linkOf(picture)), deletehash: undefined }] : [],
    );
    const { id, title, description, privacy, cover, datetime } = album;
    const link = albumLinkOf(album);
    const images_count = images.length;
    return { id, title, description, datetime, cover, privacy, link, images_count, images };
  }

  return {
    /** `POST /3/album`. The link is no field of Imgur's own answer. */
    create: scripted(script, async (exchange, fault, gone) => {
      const caller = credentials.admit(exchange, LEGACY);
      if (typeof caller !== 'string') return caller;
      const entries = await readEntries(exchange.req, gone);
      if (entries === 'aborted') return null;
      if (typeof entries === 'string') return LEGACY.error(400, entries, exchange);
      const album = await toAlbum(entries, caller);
      if (typeof album === 'string') return LEGACY.error(400, album, exchange);
      try {
        if (takesEffect(fault)) await store.keepAlbum(album);
      } catch (error) {
        if (error instanceof StoreFull) return overCapacity();
        throw error;
      }
      const { id, deletehash } = album;
      playAfterBody(fault, exchange, LEGACY.success({ id, deletehash, link: albumLinkOf(album) }));
      return null;
    }),

    /** `GET /3/album/{id}`. */
    describe: async (exchange: Exchange, id: string): Promise<void> => {
      const caller = credentials.admit(exchange, LEGACY);
      const album = typeof caller === 'string' ? await store.albumById(id) : undefined;
      const known = async (): Promise<Reply> =>
        album ? LEGACY.success(await describe(album)) : htmlReply(404, '404 Not Found');
      send(exchange, typeof caller === 'string' ? await known() : caller);
    },

    /** `DELETE /3/album/{deletehash}`, or `/{id}` for the account; its pictures stay. */
    delete: async (exchange: Exchange, name: string): Promise<void> => {
      const caller = credentials.admit(exchange, LEGACY);
      if (typeof caller !== 'string') {
        send(exchange, caller);
        return;
      }
      const album = await albumOf(store, name, caller);
      if (album) await store.removeAlbum(album);
      send(exchange, LEGACY.success(true));
    },
  };
}

/** The album that a caller may change by this name: its deletehash, or for the account its id. */
export async function albumOf(
  store: PictureStore,
  name: string,
  caller: Caller,
): Promise<Album | undefined> {
  const owned = caller === 'account' ? await store.albumById(name) : undefined;
  return owned?.owned ? owned : store.albumByDeletehash(name);
}

function isPrivacy(text: string): text is Privacy {
  return ['public', 'hidden', 'secret'].includes(text);
}

/** The fields of a form, or of a JSON object, lists as repeated fields; else what is wrong. */
async function readEntries(req: IncomingMessage, gone: AbortSignal): Promise<Entries | string> {
  const { 'content-length': length = '0', 'content-type': type = '' } = req.headers;
  if (Number(length) === 0) return [];
  if (!(Number(length) <= MAX_BYTES)) return 'The request is too large';
  if (/^application\/json\b/i.test(type)) return jsonEntries(await text(req));
  const form = await readForm(req, {
    maxFileBytes: 0,
    maxFields: MAX_FIELDS,
    gone,
    fault: undefined,
  });
  if (form.kind === 'aborted') return 'aborted';
  return form.kind === 'form' ? form.entries : form.message;
}

function jsonEntries(json: string): Entries | string {
  try {
    const document: unknown = JSON.parse(json);
    if (typeof document !== 'object' || document === null) return 'Expected an object';
    return Object.entries(document).flatMap(([name, value]: [string, unknown]) =>
      [value].flat().map((each): [string, string] => [name, String(each)]),
    );
  } catch {
    return 'The request is not JSON';
  }
}
