import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAlbumCalls } from './albums';
import { createImageCalls, loadSamples, sendFile } from './calls';
import { openFolderStore } from './folder-store';
import { createMemoryStore } from './memory-store';
import { createCredentials, createTokenHandler } from './oauth';
import { createPages, type Page, PAGE_HEADERS, type Pages } from './pages';
import type { FaultScript } from './play';
import { createRateCounter } from './rate-counter';
import { type Exchange, htmlReply, LEGACY, type ProfileName, send } from './replies';
import { type Album, type File, type PictureRecord, RECORD_BYTES } from './store';
import { createUploadHandler, type ReceivedUpload } from './upload';

export interface ImgurStandInOptions {
  /** What the links begin with, without a trailing slash: `url`, unless a browser needs another way. */
  publicUrl?: string | undefined;
  /** Keeps pictures and albums in this folder; null: in memory, the oldest out first. */
  directory?: string | null | undefined;
  /**
   * Room for pictures: 64 MiB of memory, those on their way included, or 1 GiB of the folder, where
   * nothing is dropped but new ones are refused.
   */
  maxBytes?: number | undefined;
  /** The largest picture that is taken: 10 MiB. */
  maxImageBytes?: number;
  /** The folder of pictures to try a client with; null, or one that cannot be read: none. */
  samplesDir?: string | null;
  /** What goes wrong with the uploads: for tests. Without one, nothing a client sends can cause it. */
  script?: FaultScript;
  /** The same for `POST /oauth2/token`, and for `POST /3/album` and `DELETE /3/image`, counted apart. */
  tokenScript?: FaultScript;
  manageScript?: FaultScript;
  /** Told of every upload that arrived whole, before it is answered. */
  onUpload?: (upload: ReceivedUpload) => void;
  /** Told of a defect in the stand-in itself, which is answered with a 500. */
  onError?: (error: unknown) => void;
  /** The only client IDs that are let in; without it, any. */
  clientIds?: readonly string[] | undefined;
  /** Access and refresh tokens that are valid from the start; they are the same account's. */
  accessTokens?: readonly string[] | undefined;
  refreshTokens?: readonly string[] | undefined;
  /** How many uploads each caller has in an hour; without it they never run out. */
  uploadsPerHour?: number | undefined;
  /** The headers about limits on a successful upload, instead of generous ones. */
  rateHeaders?: (profile: ProfileName) => Readonly<Record<string, string>>;
  /** Where to listen: an IP address, that of loopback by default, and a port, by default a free one. */
  host?: string;
  port?: number;
  /** Answers `/faults`, which is unknown without it. */
  control?: (exchange: Exchange) => Promise<void>;
}

export interface ImgurStandIn {
  /** Base of the API, without a trailing slash. */
  readonly url: string;
  readonly address: string;
  readonly port: number;
  /** URLs of the sample pictures. */
  readonly samples: readonly string[];
  /** Bytes held by pictures, those on their way included. */
  readonly heldBytes: number;
  /** A picture by the last part of its link, `{id}.{ext}`. */
  picture(file: string): Promise<File | undefined>;
  readonly pages: Pages;
  /** Stops listening and ends every connection, idle or not. */
  close(): Promise<void>;
}

const nothing = (): undefined => undefined;

/**
 * Starts a server that speaks Imgur's API (version 3) and keeps the pictures, in memory or in a
 * folder, so that a client can be tried and tested without a network. It is stricter than Imgur about what it is
 * sent: bytes of a picture in a form of known length, and nothing else.
 *
 * @throws if the address cannot be listened on, or the folder not be written.
 */
export async function startImgurStandIn(options: ImgurStandInOptions = {}): Promise<ImgurStandIn> {
  const {
    host = '127.0.0.1',
    port: wanted = 0,
    directory = null,
    maxBytes = directory === null ? 67_108_864 : 1_073_741_824,
    onError = nothing,
  } = options;
  const { script = nothing, tokenScript = nothing, manageScript = nothing } = options;
  const { rateHeaders, control, onUpload = nothing } = options;
  // What memory cannot hold would be a link to nothing, so it counts as too large.
  const maxImageBytes = Math.min(options.maxImageBytes ?? 10_485_760, maxBytes - RECORD_BYTES);

  const samples = await loadSamples(options.samplesDir ?? null);
  const store =
    directory === null
      ? createMemoryStore({ maxBytes })
      : await openFolderStore({ directory, maxBytes });
  const rates = createRateCounter(options.uploadsPerHour ?? null);
  const { clientIds = null, accessTokens = [], refreshTokens = [] } = options;
  const credentials = createCredentials({ clientIds, accessTokens, refreshTokens });
  const base = (): string => options.publicUrl ?? url;
  const linkOf = ({ id, ext }: PictureRecord): string => `${base()}/${id}.${ext}`;
  const albumLinkOf = ({ id }: Album): string => `${base()}/a/${id}`;

  const parts = { store, credentials, linkOf, rates };
  const upload = createUploadHandler({ ...parts, maxImageBytes, rateHeaders, script, onUpload });
  const token = createTokenHandler(credentials, tokenScript);
  const images = createImageCalls({ ...parts, script: manageScript });
  const albums = createAlbumCalls({ ...parts, albumLinkOf, script: manageScript });
  const pages = createPages(store);
  const sendPicture: Handler = async (exchange, file) => sendFile(exchange, await store.read(file));
  // A Map holds what was listed at the start and nothing else, so no name leads out of the folder.
  const sendSample: Handler = (exchange, name) => sendFile(exchange, samples.get(name));
  const listener = createListener(
    [
      [/^\/3\/(?:image|upload)$/, { POST: upload }],
      [/^\/oauth2\/token$/, { POST: token }],
      [/^\/3\/credits$/, { GET: images.credits }],
      [/^\/3\/image\/([0-9A-Za-z]+)$/, { GET: images.describe, DELETE: images.delete }],
      [/^\/3\/album$/, { POST: albums.create }],
      [/^\/3\/album\/([0-9A-Za-z]+)$/, { GET: albums.describe, DELETE: albums.delete }],
      [/^\/a\/([0-9A-Za-z]+)$/, readers(pages.album)],
      [/^\/delete\/([0-9A-Za-z]+)$/, { ...readers(pages.askDelete), POST: paged(pages.delete) }],
      [/^\/samples\/([^/]+)$/, { GET: sendSample, HEAD: sendSample }],
      [/^\/([0-9A-Za-z]+\.[a-z]+)$/, { GET: sendPicture, HEAD: sendPicture }],
      ...(control
        ? ([[/^\/faults$/, { GET: control, PUT: control, DELETE: control }]] as const)
        : []),
    ],
    onError,
  );
  // Longer than Node's own 5 s: clients reuse an idle connection for the next image.
  const server = createServer({ keepAliveTimeout: 30_000 }, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(wanted, host, resolve);
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
    picture: (file) => store.read(file),
    pages,
    close() {
      store.close();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/** @param name the part of the path that tells one thing of a kind from another. */
type Handler = (exchange: Exchange, name: string) => void | Promise<void>;

function paged(page: (name: string) => Promise<Page>): Handler {
  return async (exchange, name) => {
    const { status, html: body } = await page(name);
    // A form may have come with it: what it holds says nothing.
    send(exchange, { status, headers: PAGE_HEADERS, body });
  };
}

function readers(page: (name: string) => Promise<Page>): Record<'GET' | 'HEAD', Handler> {
  return { GET: paged(page), HEAD: paged(page) };
}

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
