import type { Reply } from './exchange';

export type ProfileName = 'legacy' | 'upload';

/** How one of Imgur's two back ends words its answers. */
export interface Profile {
  name: ProfileName;
  success(data: unknown, headers?: Readonly<Record<string, string>>): Reply;
  error(status: number, error: unknown, request: string, method: string): Reply;
  /** The type is none that Imgur takes, or the file is empty. */
  wrongType(isEmpty: boolean): Reply;
  /** The form is sound but has no `image`. */
  noImage(): Reply;
  tooLarge(): Reply;
  /** The value of `X-RateLimit-UserReset`, so many seconds from now. */
  userReset(seconds: number): string;
}

/** PHP's `json_encode`, which legacy is written with, escapes every slash. */
function phpJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('/', '\\/');
}

function jsonReply(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return { status, headers: { 'Content-Type': 'application/json', ...headers }, body };
}

/** The back end of `POST /3/image`, and of everything that is no upload. */
export const LEGACY: Profile = {
  name: 'legacy',
  success: (data, headers) =>
    jsonReply(200, phpJson({ data, success: true, status: 200 }), headers),
  error: (status, error, request, method) =>
    jsonReply(status, phpJson({ data: { error, request, method }, success: false, status })),
  wrongType: () =>
    LEGACY.error(
      400,
      { code: 1003, message: 'File type invalid (1)', type: 'ImgurException', exception: [] },
      '/3/image',
      'POST',
    ),
  noImage: () => LEGACY.error(400, 'No image data was sent to the upload api', '/3/image', 'POST'),
  tooLarge: () => LEGACY.error(400, 'File is over the size limit', '/3/image', 'POST'),
  userReset: (seconds) => String(Math.floor(Date.now() / 1000) + seconds),
};

/** The back end of `POST /3/upload`. */
export const UPLOAD: Profile = {
  name: 'upload',
  success: (data, headers) =>
    jsonReply(200, JSON.stringify({ status: 200, success: true, data }), headers),
  error: (status, error, request, method) =>
    jsonReply(status, JSON.stringify({ status, success: false, data: { error, request, method } })),
  wrongType: (isEmpty) =>
    UPLOAD.error(
      400,
      isEmpty ? 'Bad Request' : "We don't support that file type!",
      '/3/upload',
      'POST',
    ),
  noImage: () => UPLOAD.error(400, 'Bad Request', '/3/upload', 'POST'),
  tooLarge: () =>
    UPLOAD.error(
      413,
      // A string that holds JSON, as the newer back end hands on what the older one said.
      JSON.stringify({
        id: 'legacy-api-6d9f7c8b5-embed/Zr3kQ9xWm1',
        code: 413,
        detail: 'file is over the size limit',
        status: 'Request Entity Too Large',
      }),
      '/3/upload',
      'POST',
    ),
  userReset: (seconds) => String(seconds),
};
