import type { IncomingHttpHeaders } from 'node:http';
import { type Exchange, type Reply, send } from './exchange';
import type { Fault, FaultScript } from './fault-script';
import { type Caller, type Gatekeeper, isRefusal } from './gatekeeper';
import { imageData } from './image-data';
import { FORM_BYTES, judgeUploadForm, judgeUploadHeaders, type SoundUpload } from './judge-upload';
import { isAnimated } from './picture-animation';
import { pictureSize } from './picture-size';
import type { PictureStore, StoredPicture } from './picture-store';
import { playAfterBody, playBeforeBody, playDuringBody, storesPicture } from './play-fault';
import type { Profile, ProfileName } from './profiles';
import { randomName } from './random-name';
import { readForm } from './read-form';

/** An upload whose body arrived whole and was a sound form, whatever was answered to it. */
export interface ReceivedUpload {
  bytes: Buffer;
  filename: string;
  /** Content-Type of the part that held the bytes. */
  partType: string;
  fields: Record<string, string>;
  headers: IncomingHttpHeaders;
  path: string;
  authorization: string;
  /** What it became; null if its type was refused, or a scripted reply left it out. */
  picture: StoredPicture | null;
}

export interface UploadParts {
  store: PictureStore;
  gatekeeper: Gatekeeper;
  maxImageBytes: number;
  linkOf: (picture: StoredPicture) => string;
  rateHeaders: (profile: ProfileName) => Readonly<Record<string, string>>;
  script: FaultScript;
  onUpload: (upload: ReceivedUpload) => void;
}

/** Builds the handler of `POST /3/image` and `POST /3/upload`. */
export function createUploadHandler(parts: UploadParts) {
  const { store, gatekeeper, maxImageBytes, linkOf, rateHeaders, script, onUpload } = parts;
  let count = 0;

  function unusedName(length: number, find: (name: string) => unknown): string {
    for (;;) {
      const name = randomName(length);
      if (find(name) === undefined) return name;
    }
  }

  function toPicture(upload: SoundUpload, caller: Caller): StoredPicture | null {
    const { bytes, type, fields } = upload;
    if (type === null) return null;
    return {
      ...type,
      ...pictureSize(bytes, type.ext),
      id: unusedName(7, store.byId),
      deletehash: unusedName(15, store.byDeletehash),
      bytes,
      animated: isAnimated(bytes, type.ext),
      datetime: Math.floor(Date.now() / 1000),
      title: fields['title'] ?? null,
      description: fields['description'] ?? null,
      name: fields['name'] ?? '',
      owned: caller.kind === 'account',
    };
  }

  /** All that the headers decide: who asks, and how much is coming. */
  function admitHeaders(
    headers: IncomingHttpHeaders,
    profile: Profile,
    path: string,
  ): { caller: Caller; contentLength: number } | Reply {
    const caller = gatekeeper.admit(headers);
    if (isRefusal(caller)) return profile.error(caller.status, caller.error, path, 'POST');
    const length = judgeUploadHeaders(headers);
    if (isRefusal(length)) return profile.error(length.status, length.error, path, 'POST');
    if (length.contentLength > maxImageBytes + FORM_BYTES) return profile.tooLarge();
    return { caller, contentLength: length.contentLength };
  }

  async function receive(
    exchange: Exchange,
    profile: Profile,
    fault: Fault | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { req, path } = exchange;
    const admitted = admitHeaders(req.headers, profile, path);
    if ('status' in admitted) {
      send(exchange, admitted);
      return;
    }
    const arrival = await store.admit(admitted.contentLength, signal);
    try {
      if (fault) playDuringBody(fault, req);
      const form = await readForm(req, {
        maxFileBytes: maxImageBytes,
        signal,
        onFileBytes: arrival.grow,
        bytesPerSecond: fault?.kind === 'slow-read' ? fault.bytesPerSecond : undefined,
      });
      if (form.kind === 'aborted') return;
      const upload = judgeUploadForm(form, profile, path);
      if ('status' in upload) {
        send(exchange, upload);
        return;
      }
      const picture = toPicture(upload, admitted.caller);
      const stored = storesPicture(fault) ? picture : null;
      if (stored) arrival.keep(stored);
      const { bytes, filename, partType, fields } = upload;
      const authorization = req.headers.authorization ?? '';
      const headers = req.headers;
      onUpload({
        bytes,
        filename,
        partType,
        fields,
        headers,
        path,
        authorization,
        picture: stored,
      });
      const usual = picture
        ? profile.success(imageData(picture, linkOf(picture)), rateHeaders(profile.name))
        : profile.wrongType(bytes.length === 0);
      playAfterBody(fault, exchange, usual);
    } finally {
      arrival.release();
    }
  }

  return async function handleUpload(exchange: Exchange, profile: Profile): Promise<void> {
    const { req, res, method, path } = exchange;
    count += 1;
    const fault = script({ method, path, headers: req.headers, count });
    if (fault && playBeforeBody(fault, exchange)) return;
    const gone = new AbortController();
    res.once('close', () => gone.abort());
    try {
      await receive(exchange, profile, fault, gone.signal);
    } catch (error) {
      // Waiting for room ends like this when the client leaves the queue: nobody is there to tell.
      if (!gone.signal.aborted) throw error;
    }
  };
}
