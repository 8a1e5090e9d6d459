import { RelayError } from '../errors';
import { askImgur, type ImgurAddress } from './ask-imgur';
import type { Credentials } from './credentials';
import { refusalError } from './outcome';
import { parseImgurReply, type ImgurFailure } from './parse-reply';
import type { RateGate } from './rate-gate';
import { field, firstJson } from './read-reply';

/** An upload of this service's, as Imgur knows it. */
export interface Upload {
  /** The name in its link. */
  readonly id: string;
  readonly deletehash: string | null;
}

export interface NewAlbum {
  readonly uploads: readonly Upload[];
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly privacy?: string | undefined;
}

export interface MadeAlbum {
  readonly link: string;
  readonly deletehash: string | null;
}

/**
 * Imgur's calls about what was uploaded before.
 *
 * @param clientId with which the job uploaded; null: with the configured credential.
 * @throws {RelayError} with Imgur's reason, or why it could not be reached.
 */
export interface ImgurManager {
  /** `DELETE /3/image/{deletehash}`, or by id with an account. What is gone already is no error. */
  remove(upload: Upload, clientId: string | null): Promise<void>;
  /** `POST /3/album`: the order of the uploads is that of the album. */
  makeAlbum(album: NewAlbum, clientId: string | null): Promise<MadeAlbum>;
}

export interface ManagerParts extends ImgurAddress {
  readonly credentials: Pick<Credentials, 'authorization' | 'key' | 'isRenewable' | 'refresh'>;
  readonly gate: Pick<RateGate, 'pause' | 'round'>;
}

interface Call {
  readonly method: 'DELETE' | 'POST';
  readonly path: string;
  readonly body?: URLSearchParams;
}

export function createImgurManager(parts: ManagerParts): ImgurManager {
  const { credentials, gate } = parts;

  return {
    async remove({ id, deletehash }, clientId) {
      await call(clientId, (isAccount) => {
        if (!isAccount && deletehash === null) {
          throw new RelayError('imgur_rejected', 'Imgur gave no deletehash for this upload.');
        }
        return { method: 'DELETE', path: `/3/image/${isAccount ? id : deletehash}` };
      });
    },

    async makeAlbum({ uploads, ...texts }, clientId) {
      const data = await call(clientId, (isAccount) => {
        const body = new URLSearchParams();
        for (const [name, value] of Object.entries(texts)) if (value) body.append(name, value);
        for (const { id, deletehash } of uploads) {
          if (isAccount) body.append('ids[]', id);
          else if (deletehash !== null) body.append('deletehashes[]', deletehash);
        }
        return { method: 'POST', path: '/3/album', body };
      });
      const [id, link] = [field(data, 'id'), field(data, 'link')];
      const deletehash = field(data, 'deletehash');
      if (typeof id !== 'string' || !/^\w{1,64}$/.test(id)) {
        throw new RelayError('imgur_bad_response', "Imgur's answer has no album.");
      }
      return {
        // Imgur gives none; an Imgur of one's own has its albums elsewhere.
        link: typeof link === 'string' && URL.canParse(link) ? link : `https://imgur.com/a/${id}`,
        deletehash: typeof deletehash === 'string' ? deletehash : null,
      };
    },
  };

  /** @returns the `data` of the answer. */
  async function call(
    clientId: string | null,
    of: (isAccount: boolean) => Call,
    isLast = false,
  ): Promise<unknown> {
    const authorization = await credentials.authorization(clientId);
    const key = credentials.key(clientId);
    const round = gate.round(key);
    const { path, ...init } = of(authorization.startsWith('Bearer '));
    const { status, headers, text } = await askImgur(parts, path, {
      ...init,
      headers: authorization === '' ? {} : { Authorization: authorization },
    });
    const document = firstJson(text);
    const reply = parseImgurReply(status, headers, text);
    const isOk = status >= 200 && status < 300 && field(document, 'success') === true;
    if (isOk && (reply.kind === 'success' || reply.verdict === 'bad_response')) {
      return field(document, 'data');
    }
    const failure = reply as ImgurFailure;
    if (failure.verdict === 'token_refused' && credentials.isRenewable(authorization) && !isLast) {
      await credentials.refresh(authorization);
      return call(clientId, of, true);
    }
    if (failure.verdict === 'rate_limited') gate.pause(key, failure.waitMs, failure.message, round);
    const secrets = [authorization.slice(authorization.indexOf(' ') + 1)];
    throw refusalError(failure, secrets, 'this');
  }
}
