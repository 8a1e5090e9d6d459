import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request and its reply, with the path apart from the query. */
export interface Exchange {
  req: IncomingMessage;
  res: ServerResponse;
  method: string;
  path: string;
}

export interface Reply<Body extends string | Buffer = string> {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Body;
}

/**
 * How much of a refused body is read and thrown away. Closing on unread bytes makes the kernel send
 * a reset, which can overtake the reply; reading without end would let a client keep us busy.
 */
export const MAX_DRAINED_BYTES = 33_554_432;

/**
 * Sends a reply at once, even if the request's body is still arriving. Then the rest is read, up to
 * `MAX_DRAINED_BYTES`, so that the client sees the reply and not a reset. Does nothing if the client
 * is gone.
 */
export function send({ req, res }: Exchange, reply: Reply<string | Buffer>): void {
  if (res.destroyed || res.headersSent) return;
  res.writeHead(reply.status, {
    ...reply.headers,
    'Content-Length': String(Buffer.byteLength(reply.body)),
  });
  if (req.complete) {
    res.end(reply.body);
    return;
  }
  // The reply is whole by its Content-Length. `end` has to wait: with `Connection: close` it would
  // close the socket on whatever is unread.
  res.flushHeaders();
  res.write(reply.body);
  let drained = 0;
  req.on('data', (chunk: Buffer) => {
    drained += chunk.length;
    if (drained > MAX_DRAINED_BYTES) req.destroy();
  });
  req.once('end', () => res.end());
  req.resume();
}

type Headers = Reply['headers'];

/** A page as Imgur's front answers where its API does not. */
export function htmlReply(status: number, title: string, headers: Headers = {}): Reply {
  return {
    status,
    headers: { 'Content-Type': 'text/html; charset=utf-8', ...headers },
    body: `<html>\n<head><title>${title}</title></head>\n<body>\n<center><h1>${title}</h1></center>\n</body>\n</html>\n`,
  };
}

export function jsonReply(status: number, body: string, headers: Headers = {}): Reply {
  return { status, headers: { 'Content-Type': 'application/json', ...headers }, body };
}

/** What Imgur says where it takes nothing more for a while. */
export function overCapacity(status = 403): Reply {
  const error = 'Imgur is temporarily over capacity. Please try again later.';
  return jsonReply(status, JSON.stringify({ data: { error }, success: false, status }));
}

export type ProfileName = 'legacy' | 'upload';

/** How one of Imgur's two back ends words its answers. */
export interface Profile {
  name: ProfileName;
  success(data: unknown, headers?: Headers): Reply;
  /** Without a request, the error is about an upload to this back end. */
  error(status: number, error: unknown, request?: Pick<Exchange, 'method' | 'path'>): Reply;
  /** The type is none that Imgur takes, or the file is empty. */
  wrongType(isEmpty: boolean): Reply;
  /** The form is sound but has no `image`. */
  noImage(): Reply;
  tooLarge(): Reply;
  /** The value of `X-RateLimit-UserReset`, so many seconds from now. */
  userReset(seconds: number): string;
}

type Envelope = (status: number, success: boolean, data: unknown) => string;

function wrapped(path: string, envelope: Envelope): Pick<Profile, 'success' | 'error'> {
  return {
    success: (data, headers) => jsonReply(200, envelope(200, true, data), headers),
    error(status, error, { path: request, method } = { path, method: 'POST' }) {
      return jsonReply(status, envelope(status, false, { error, request, method }));
    },
  };
}

const legacy = wrapped('/3/image', (status, success, data) =>
  // PHP's `json_encode`, which legacy is written with, escapes every slash.
  JSON.stringify({ data, success, status }).replaceAll('/', '\\/'),
);

/** The back end of `POST /3/image`, and of everything that is no upload. */
export const LEGACY: Profile = {
  name: 'legacy',
  ...legacy,
  wrongType: () => legacy.error(400, exception(1003, 'File type invalid (1)')),
  noImage: () => legacy.error(400, 'No image data was sent to the upload api'),
  tooLarge: () => legacy.error(400, 'File is over the size limit'),
  userReset: (seconds) => String(Math.floor(Date.now() / 1000) + seconds),
};

/** What legacy puts in the place of a plain text where an error has a code of its own. */
export function exception(code: number, message: string) {
  return { code, message, type: 'ImgurException', exception: [] };
}

const upload = wrapped('/3/upload', (status, success, data) =>
  JSON.stringify({ status, success, data }),
);

/** The back end of `POST /3/upload`. */
export const UPLOAD: Profile = {
  name: 'upload',
  ...upload,
  wrongType: (isEmpty) =>
    upload.error(400, isEmpty ? 'Bad Request' : "We don't support that file type!"),
  noImage: () => upload.error(400, 'Bad Request'),
  // A string that holds JSON, as the newer back end hands on what the older one said.
  tooLarge: () =>
    upload.error(
      413,
      '{"id":"legacy-api-7d4b9c6f5d-x2kqv/Zr3kQ9xWm1","code":413,"detail":"file is over the size limit","status":"Request Entity Too Large"}',
    ),
  userReset: (seconds) => String(seconds),
};
