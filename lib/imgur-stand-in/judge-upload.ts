import type { IncomingHttpHeaders } from 'node:http';
import type { Reply } from './exchange';
import type { Refusal } from './gatekeeper';
import { judgePicture, type PictureType } from './picture-type';
import type { Profile } from './profiles';
import type { FormResult } from './read-form';

/** What a form may weigh beside its picture: boundaries, part headers and the other fields. */
export const FORM_BYTES = 65_536;

/** Judges by the headers, before a byte of the body is read; else tells the body's length. */
export function judgeUploadHeaders(
  headers: IncomingHttpHeaders,
): Refusal | { contentLength: number } {
  if (headers['content-length'] === undefined) {
    return { status: 411, error: 'A Content-Length is required, a chunked body is not accepted' };
  }
  if (!/^multipart\/form-data\s*;/i.test(headers['content-type'] ?? '')) {
    return { status: 400, error: 'The body must be multipart/form-data with a boundary' };
  }
  return { contentLength: Number(headers['content-length']) };
}

/** A form that holds what it must: the bytes of one picture, and texts. */
export interface SoundUpload {
  bytes: Buffer;
  filename: string;
  partType: string;
  fields: Record<string, string>;
  /** Null where Imgur does not take this type of file. */
  type: PictureType | null;
}

/**
 * Judges a form by what this project may send: one binary part `image` with a filename, and `type`
 * = `file`. A link or base64, which Imgur itself would take, is refused: only bytes may be sent.
 */
export function judgeUploadForm(
  form: Exclude<FormResult, { kind: 'aborted' }>,
  profile: Profile,
  request: string,
): SoundUpload | Reply {
  const refuse = (error: string): Reply => profile.error(400, error, request, 'POST');

  if (form.kind === 'malformed') return refuse(`The form cannot be read: ${form.message}`);
  const { fields, files } = form;
  if ('image' in fields) return refuse('The field image must be a file, not text');
  if (files.length === 0) return profile.noImage();
  const [file] = files;
  if (file?.field !== 'image' || files.length > 1) {
    return refuse('The only file must be one named image');
  }
  if (!file.filename) return refuse('The file image must have a filename');
  if (fields['type'] !== 'file') {
    return refuse(`The field type must be file, not ${fields['type'] ?? 'missing'}`);
  }
  if (file.bytes === null) return profile.tooLarge();
  return {
    bytes: file.bytes,
    filename: file.filename,
    partType: file.partType,
    fields,
    type: judgePicture(file.bytes),
  };
}
