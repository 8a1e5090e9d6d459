import { type Exchange, htmlReply, send } from './exchange';
import { type Gatekeeper, isRefusal } from './gatekeeper';
import { imageData } from './image-data';
import type { PictureStore, StoredPicture } from './picture-store';
import { LEGACY } from './profiles';

/** Builds the handlers of the API's calls about what was uploaded before, and about credits. */
export function createImageCalls(parts: {
  store: PictureStore;
  gatekeeper: Gatekeeper;
  linkOf: (picture: StoredPicture) => string;
}) {
  const { store, gatekeeper, linkOf } = parts;

  /** @returns who asks; null when the refusal was sent. */
  function admit(exchange: Exchange) {
    const caller = gatekeeper.admit(exchange.req.headers);
    if (!isRefusal(caller)) return caller;
    const { status, error } = caller;
    send(exchange, LEGACY.error(status, error, exchange.path, exchange.method));
    return null;
  }

  return {
    /** `GET /3/image/{id}`. The deletehash is the uploader's alone, so it is left out. */
    describe: (exchange: Exchange, id: string): void => {
      if (!admit(exchange)) return;
      const picture = store.byId(id);
      if (!picture) {
        send(exchange, htmlReply(404, '404 Not Found'));
        return;
      }
      const data = imageData(picture, linkOf(picture));
      delete data['deletehash'];
      send(exchange, LEGACY.success(data));
    },

    /**
     * `DELETE /3/image/{deletehash}`, or `/{id}` for the account. The id stands in the public link,
     * so it gives nobody else the right; as with an unknown name, the answer does not tell.
     */
    delete: (exchange: Exchange, name: string): void => {
      const caller = admit(exchange);
      if (!caller) return;
      const owned = caller.kind === 'account' ? store.byId(name) : undefined;
      const picture = store.byDeletehash(name) ?? (owned?.owned ? owned : undefined);
      if (picture) store.remove(picture);
      send(exchange, LEGACY.success(true));
    },

    /** `GET /3/credits`. Nothing is ever used up here. */
    credits: (exchange: Exchange): void => {
      if (!admit(exchange)) return;
      const data = {
        UserLimit: 500,
        UserRemaining: 500,
        UserReset: Number(LEGACY.userReset(3600)),
        ClientLimit: 12_500,
        ClientRemaining: 12_500,
      };
      send(exchange, LEGACY.success(data));
    },
  };
}
