import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Caller, Credentials } from './oauth';
import { judgePicture } from './picture';
import { type FaultScript, playAfterBody, scripted, takesEffect } from './play';
import { type Exchange, htmlReply, LEGACY, type Reply, send } from './replies';
import type { RateCounter } from './rate-counter';
import type { File, PictureRecord, PictureStore } from './store';

/**
 * A picture as Imgur's API describes it, with the fields of a reply to an upload. What nobody here
 * counts or judges (views, votes, galleries) has the value of a picture just uploaded.
 *
 * @param link where the picture can be opened.
 */
export function imageData(picture: PictureRecord, link: string): Record<string, unknown> {
  return {
    id: picture.id,
    title: picture.title,
    description: picture.description,
    datetime: picture.datetime,
    type: picture.type,
    animated: picture.animated,
    width: picture.width,
    height: picture.height,
    size: picture.size,
    views: 0,
    bandwidth: 0,
    vote: null,
    favorite: false,
    nsfw: null,
    section: null,
    account_url: picture.owned ? 'standin' : null,
    account_id: picture.owned ? 1 : 0,
    is_ad: false,
    in_most_viral: false,
    has_sound: false,
    tags: [],
    ad_type: 0,
    ad_url: '',
    edited: '0',
    in_gallery: false,
    deletehash: picture.deletehash,
    name: picture.name,
    link,
  };
}

/** Builds the handlers of the API's calls about what was uploaded before, and about credits. */
export function createImageCalls(parts: {
  store: PictureStore;
  credentials: Credentials;
  linkOf: (picture: PictureRecord) => string;
  rates: RateCounter;
  /** What goes wrong with deleting. */
  script: FaultScript;
}) {
  const { store, credentials, linkOf, rates, script } = parts;

  /** A call that is answered to whoever may ask, and refused to others. */
  const guarded =
    (answer: (caller: Caller, name: string, exchange: Exchange) => Reply | Promise<Reply>) =>
    async (exchange: Exchange, name: string): Promise<void> => {
      const caller = credentials.admit(exchange, LEGACY);
      send(exchange, typeof caller === 'string' ? await answer(caller, name, exchange) : caller);
    };

  async function remove(caller: Caller, name: string): Promise<void> {
    const owned = caller === 'account' ? await store.byId(name) : undefined;
    const picture = owned?.owned ? owned : await store.byDeletehash(name);
    if (picture) await store.remove(picture);
  }

  return {
    /** `GET /3/image/{id}`. The deletehash is the uploader's alone, so it is left out. */
    describe: guarded(async (_caller, id) => {
      const picture = await store.byId(id);
      if (!picture) return htmlReply(404, '404 Not Found');
      return LEGACY.success({ ...imageData(picture, linkOf(picture)), deletehash: undefined });
    }),

    /**
     * `DELETE /3/image/{deletehash}`, or `/{id}` for the account. The id stands in the public link,
     * so it gives nobody else the right; as with an unknown name, the answer does not tell.
     */
    delete: (exchange: Exchange, name: string): Promise<void> =>
      scripted(script, async (asked, fault) => {
        const caller = credentials.admit(asked, LEGACY);
        if (typeof caller !== 'string') return caller;
        if (takesEffect(fault)) await remove(caller, name);
        playAfterBody(fault, asked, LEGACY.success(true));
        return null;
      })(exchange),

    /** `GET /3/credits`. */
    credits: guarded((_caller, _name, { req }) =>
      LEGACY.success(rates.credits(req.headers.authorization ?? '')),
    ),
  };
}

/** Sends a file's bytes; nothing may look for scripts in what claims to be a picture. */
export function sendFile(exchange: Exchange, file: File | undefined): void {
  if (!file) {
    send(exchange, htmlReply(404, '404 Not Found'));
    return;
  }
  const headers = { 'Content-Type': file.type, 'X-Content-Type-Options': 'nosniff' };
  send(exchange, { status: 200, headers, body: file.bytes });
}

/** Only names that need no escaping in a URL, and that cannot lead out of the folder. */
const PLAIN_NAME = /^[a-z0-9][a-z0-9._-]*$/i;

/**
 * Reads the sample pictures once, by name; they are few and small. Whatever else lies in the folder
 * is passed over, links included.
 *
 * @returns an empty map where there is no folder, or it cannot be read: samples are a comfort, and
 * their absence must not stop whoever starts this.
 */
export async function loadSamples(directory: string | null): Promise<ReadonlyMap<string, File>> {
  const samples = new Map<string, File>();
  if (directory === null) return samples;
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
    for (const name of names.filter((each) => PLAIN_NAME.test(each)).sort()) {
      const bytes = await readFile(join(directory, name));
      const type = judgePicture(bytes)?.type;
      if (type) samples.set(name, { bytes, type });
    }
  } catch {
    return samples;
  }
  return samples;
}
