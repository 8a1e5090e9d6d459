import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createImageCalls, loadSamples, sendFile } from './calls';
import { createCredentials, createTokenHandler } from './oauth';
import type { FaultScript } from './play';
import { type Exchange, htmlReply, LEGACY, type ProfileName, send, UPLOAD } from './replies';
import { createPictureStore, RECORD_BYTES, type StoredPicture } from './store';
import { createUploadHandler, type ReceivedUpload } from './upload';

export interface EmbeddedImgurOptions {
  /** How a browser reaches the service, without a trailing slash: the links begin with it. */
  publicUrl: string;
  /** Memory for pictures, those on their way included. */
  maxBytes: number;
  /** The largest picture that is taken. */
  maxImageBytes: number;
  /** The folder of the sample pictures; null, or one that cannot be read: none. */
  samplesDir: string | null;
  /** What goes wrong with the uploads: for tests. Without one, nothing a client sends can cause it. */
  script?: FaultScript;
  /** The same for `POST /oauth2/token`, counted apart. */
  tokenScript?: FaultScript;
  /** Told of every upload that arrived whole, before it is answered. */
  onUpload?: (upload: ReceivedUpload) => void;
  /** Told of a defect in the stand-in itself, which is answered with a 500. */
  onError?: (error: unknown) => void;
  /** The only client IDs that are let in; without it, any. */
  clientIds?: readonly string[];
  /** Access and refresh tokens that are valid from the start; they are the same account's. */
  accessTokens?: readonly string[];
  refreshTokens?: readonly string[];
  /** The headers about limits on a successful upload, instead of generous ones. */
  rateHeaders?: (profile: ProfileName) => Readonly<Record<string, string>>;
  /** Where to listen: an IP address. */
  host?: string;
}

export interface EmbeddedImgur {
  /** Base of the API, without a trailing slash. */
  readonly url: string;
  readonly address: string;
  readonly port: number;
  /** URLs of the sample pictures. */
  readonly samples: readonly string[];
  /** Bytes of memory held by pictures, those on their way included. */
  readonly heldBytes: number;
  /** A picture by the last part of its link, `{id}.{ext}`. */
  picture(file: string): StoredPicture | undefined;
  /** Stops listening and ends every connection, idle or not. */
  close(): Promise<void>;
}

/** As Node's own, except that an idle connection stays a while: clients reuse it for the next image. */
const TIMEOUTS = {
  headersTimeout: 60_000,
  requestTimeout: 300_000,
  keepAliveTimeout: 30_000,
} as const;

const nothing = (): undefined => undefined;

/** The limits as Imgur documents them for a client, with everything left. */
function generousRateHeaders(profile: ProfileName): Record<string, string> {
  return {
    'X-RateLimit-UserLimit': '2000',
    'X-RateLimit-UserRemaining': '1999',
    'X-RateLimit-UserReset': (profile === 'legacy' ? LEGACY : UPLOAD).userReset(3600),
    'X-RateLimit-ClientLimit': '12500',
    'X-RateLimit-ClientRemaining': '12499',
    'X-Post-Rate-Limit-Limit': '1250',
    'X-Post-Rate-Limit-Remaining': '1249',
    'X-Post-Rate-Limit-Reset': '3600',
  };
}

/**
 * Starts a server that speaks Imgur's API (version 3) and keeps the pictures in memory, so that a
 * client can be tried and tested without a network. It is stricter than Imgur about what it is
 * sent: bytes of a picture in a form of known length, and nothing else.
 *
 * @throws if the address cannot be listened on.
 */
export async function startEmbeddedImgur(options: EmbeddedImgurOptions): Promise<EmbeddedImgur> {
  const { publicUrl, maxBytes, host = '127.0.0.1', onError = nothing } = options;
  const { script = nothing, tokenScript = nothing, onUpload = nothing } = options;
  const { rateHeaders = generousRateHeaders } = options;
  // What memory cannot hold would be a link to nothing, so it counts as too large.
  const maxImageBytes = Math.min(options.maxImageBytes, maxBytes - RECORD_BYTES);

  const samples = await loadSamples(options.samplesDir);
  const store = createPictureStore({ maxBytes });
  const { clientIds = null, accessTokens = [], refreshTokens = [] } = options;
  const credentials = createCredentials({ clientIds, accessTokens, refreshTokens });
  const linkOf = ({ id, ext }: StoredPicture): string => `${publicUrl}/embedded/${id}.${ext}`;
  const picture = (file: string): StoredPicture | undefined => {
    const [id = '', ext] = file.split('.');
    const found = store.byId(id);
    return found?.ext === ext ? found : undefined;
  };

  const upload = createUploadHandler({
    store,
    credentials,
    maxImageBytes,
    linkOf,
    rateHeaders,
    script,
    onUpload,
  });
  const token = createTokenHandler(credentials, tokenScript);
  const { describe, delete: remove, credits } = createImageCalls({ store, credentials, linkOf });
  const sendPicture: Handler = (exchange, file) => sendFile(exchange, picture(file));
  // A Map holds what was listed at the start and nothing else, so no name leads out of the folder.
  const sendSample: Handler = (exchange, name) => sendFile(exchange, samples.get(name));
  const listener = createListener(
    [
      [/^\/3\/(?:image|upload)$/, { POST: upload }],
      [/^\/oauth2\/token$/, { POST: token }],
      [/^\/3\/credits$/, { GET: credits }],
      [/^\/3\/image\/([0-9A-Za-z]+)$/, { GET: describe, DELETE: remove }],
      [/^\/samples\/([^/]+)$/, { GET: sendSample, HEAD: sendSample }],
      [/^\/([0-9A-Za-z]+\.[a-z]+)$/, { GET: sendPicture, HEAD: sendPicture }],
    ],
    onError,
  );
  const server = createServer(TIMEOUTS, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  const { address, family, port } = server.address() as AddressInfo;
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;

  return {
    url,
    address,
    port,
    samples: [...samples.keys()].map((name) => `${url}/samples/${name}`),
    get heldBytes() {
      return store.heldBytes;
    },
    picture,
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/** @param name the part of the path that tells one thing of a kind from another. */
type Handler = (exchange: Exchange, name: string) => void | Promise<void>;
type Route = readonly [path: RegExp, methods: Readonly<Partial<Record<string, Handler>>>];

/**
 * Leads each request to its handler. What no route knows gets the HTML 404 or 405 of Imgur's front.
 *
 * @param onError told of what a handler throws: a defect of ours, answered as Imgur answers its own.
 */
function createListener(routes: readonly Route[], onError: (error: unknown) => void) {
  async function handle(exchange: Exchange): Promise<void> {
    for (const [path, methods] of routes) {
      const match = path.exec(exchange.path);
      if (!match) continue;
      const handler = methods[exchange.method];
      if (handler) await handler(exchange, match[1] ?? '');
      else {
        const allow = Object.keys(methods).join(', ');
        send(exchange, htmlReply(405, '405 Method Not Allowed', { Allow: allow }));
      }
      return;
    }
    send(exchange, htmlReply(404, '404 Not Found'));
  }

  return (req: IncomingMessage, res: ServerResponse): void => {
    const path = (req.url ?? '/').split('?', 1)[0] ?? '/';
    const exchange: Exchange = { req, res, method: req.method ?? 'GET', path };
    // A client that leaves in the middle is no news; without listeners it would be an exception.
    req.on('error', () => undefined);
    res.on('error', () => undefined);
    handle(exchange).catch((error: unknown) => {
      onError(error);
      send(exchange, LEGACY.error(500, 'Could not process upload!', exchange));
    });
  };
}
