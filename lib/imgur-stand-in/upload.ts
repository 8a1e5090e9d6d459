import type { IncomingHttpHeaders } from 'node:http';
import { albumOf } from './albums';
import { imageData } from './calls';
import { type FormResult, readForm } from './form';
import type { Caller, Credentials } from './oauth';
import { isAnimated, judgePicture, pictureSize, type PictureType } from './picture';
import { type FaultScript, playAfterBody, scripted, takesEffect } from './play';
import type { RateCounter } from './rate-counter';
import {
  LEGACY,
  overCapacity,
  type Profile,
  type ProfileName,
  type Reply,
  UPLOAD,
} from './replies';
import {
  type Arrival,
  type PictureRecord,
  type PictureStore,
  StoreFull,
  type StoredPicture,
} from './store';

/** A form that holds what it must: the bytes of one picture, and texts. */
interface SoundUpload {
  bytes: Buffer;
  filename: string;
  /** Content-Type of the part that held the bytes. */
  partType: string;
  fields: Record<string, string>;
}

/** An upload whose body arrived whole and was a sound form, whatever was answered to it. */
export interface ReceivedUpload extends SoundUpload {
  headers: IncomingHttpHeaders;
  path: string;
  authorization: string;
  /** What it became; null if its type was refused, or a scripted reply left it out. */
  picture: StoredPicture | null;
}

export interface UploadParts {
  store: PictureStore;
  credentials: Credentials;
  maxImageBytes: number;
  linkOf: (picture: PictureRecord) => string;
  rates: RateCounter;
  /** Instead of those that the rates say. */
  rateHeaders: ((profile: ProfileName) => Readonly<Record<string, string>>) | undefined;
  script: FaultScript;
  onUpload: (upload: ReceivedUpload) => void;
}

/** Builds the handler of `POST /3/image` and `POST /3/upload`. */
export function createUploadHandler(parts: UploadParts) {
  const { store, credentials, maxImageBytes, linkOf, rates, script, onUpload } = parts;

  async function toPicture(
    { bytes, fields }: SoundUpload,
    type: PictureType,
    caller: Caller,
  ): Promise<StoredPicture> {
    return {
      ...type,
      ...pictureSize(bytes, type.ext),
      ...(await store.newNames()),
      bytes,
      size: bytes.length,
      animated: isAnimated(bytes, type.ext),
      datetime: Math.floor(Date.now() / 1000),
      title: fields['title'] ?? null,
      description: fields['description'] ?? null,
      name: fields['name'] ?? '',
      owned: caller === 'account',
    };
  }

  /** Before a byte is read. @returns the refusal where nothing more is taken. */
  async function admit(bytes: number, gone: AbortSignal): Promise<Arrival | Reply> {
    try {
      return await store.admit(bytes, gone);
    } catch (error) {
      if (error instanceof StoreFull) return overCapacity();
      throw error;
    }
  }

  return scripted(script, async (exchange, fault, gone) => {
    const { req, path } = exchange;
    const profile = path === '/3/upload' ? UPLOAD : LEGACY;
    const caller = credentials.admit(exchange, profile);
    if (typeof caller !== 'string') return caller;
    const refusal = judgeHeaders(req.headers, profile, maxImageBytes);
    if (refusal) return refusal;

    const spent = rates.spend(req.headers.authorization ?? '');
    if (spent) return spent;

    const arrival = await admit(Number(req.headers['content-length']), gone);
    if ('status' in arrival) return arrival;
    try {
      const form = await readForm(req, {
        maxFileBytes: maxImageBytes,
        gone,
        onFileBytes: arrival.grow,
        fault,
      });
      if (form.kind === 'aborted') return null;
      const upload = judgeForm(form, profile);
      if ('status' in upload) return upload;
      const type = judgePicture(upload.bytes);
      const name = upload.fields['album'];
      const album = name === undefined ? undefined : await albumOf(store, name, caller);
      if (name !== undefined && !album) return profile.error(400, 'Invalid album');
      const picture = type && (await toPicture(upload, type, caller));
      const stored = takesEffect(fault) ? picture : null;
      if (stored) await arrival.keep(stored);
      if (stored && album) await store.addToAlbum(album, stored.id);
      const { headers } = req;
      const authorization = headers.authorization ?? '';
      onUpload({ ...upload, headers, path, authorization, picture: stored });
      const usual = picture
        ? profile.success(
            imageData(picture, linkOf(picture)),
            parts.rateHeaders?.(profile.name) ?? rates.headers(authorization, profile.name),
          )
        : profile.wrongType(upload.bytes.length === 0);
      playAfterBody(fault, exchange, usual);
      return null;
    } catch (error) {
      if (error instanceof StoreFull) return overCapacity();
      throw error;
    } finally {
      arrival.release();
    }
  });
}

/** What a form may weigh beside its picture: boundaries, part headers and the other fields. */
const FORM_BYTES = 65_536;

/** Judges what is coming before a byte of it is read. */
function judgeHeaders(
  headers: IncomingHttpHeaders,
  profile: Profile,
  maxImageBytes: number,
): Reply | null {
  const length = headers['content-length'];
  if (length === undefined) {
    return profile.error(411, 'A Content-Length is required, a chunked body is not accepted');
  }
  if (!/^multipart\/form-data\s*;/i.test(headers['content-type'] ?? '')) {
    return profile.error(400, 'The body must be multipart/form-data with a boundary');
  }
  return Number(length) > maxImageBytes + FORM_BYTES ? profile.tooLarge() : null;
}

/**
 * Judges a form by what a careful client sends: one binary part `image` with a filename, and no
 * `type` but `file`. A link or base64, which Imgur itself would take, is refused: only bytes may be
 * sent.
 */
function judgeForm(
  form: Exclude<FormResult, { kind: 'aborted' }>,
  profile: Profile,
): SoundUpload | Reply {
  const refuse = (error: string): Reply => profile.error(400, error);

  if (form.kind === 'malformed') return refuse(`The form cannot be read: ${form.message}`);
  const { fields, files } = form;
  if ('image' in fields) return refuse('The field image must be a file, not text');
  const [file] = files;
  if (!file) return profile.noImage();
  if (file.field !== 'image' || files.length > 1) {
    return refuse('The only file must be one named image');
  }
  const { bytes, filename, partType } = file;
  if (!filename) return refuse('The file image must have a filename');
  const { type = 'file' } = fields;
  if (type !== 'file') return refuse(`The field type must be file, not ${type}`);
  if (bytes === null) return profile.tooLarge();
  return { bytes, filename, partType, fields };
}
