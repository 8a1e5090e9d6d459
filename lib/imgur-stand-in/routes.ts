import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Exchange, htmlReply, send } from './exchange';
import type { createImageCalls } from './image-calls';
import type { StoredPicture } from './picture-store';
import { LEGACY, type Profile, UPLOAD } from './profiles';
import type { Sample } from './samples';

type Handler = (exchange: Exchange, name: string) => void | Promise<void>;

interface Route {
  path: RegExp;
  methods: Readonly<Partial<Record<string, Handler>>>;
}

export interface RouteParts {
  upload: (exchange: Exchange, profile: Profile) => Promise<void>;
  token: (exchange: Exchange) => Promise<void>;
  images: ReturnType<typeof createImageCalls>;
  picture: (file: string) => StoredPicture | undefined;
  samples: ReadonlyMap<string, Sample>;
}

/** Sends a file's bytes; nothing may look for scripts in what claims to be a picture. */
function sendFile(exchange: Exchange, file: Sample | undefined): void {
  if (!file) {
    send(exchange, htmlReply(404, '404 Not Found'));
    return;
  }
  const headers = { 'Content-Type': file.type, 'X-Content-Type-Options': 'nosniff' };
  send(exchange, { status: 200, headers, body: file.bytes });
}

function createRoutes(parts: RouteParts): readonly Route[] {
  const { images } = parts;
  const picture: Handler = (exchange, file) => sendFile(exchange, parts.picture(file));
  // A Map holds what was listed at the start and nothing else, so no name leads out of the folder.
  const sample: Handler = (exchange, file) => sendFile(exchange, parts.samples.get(file));

  return [
    { path: /^\/3\/image$/, methods: { POST: (exchange) => parts.upload(exchange, LEGACY) } },
    { path: /^\/3\/upload$/, methods: { POST: (exchange) => parts.upload(exchange, UPLOAD) } },
    { path: /^\/oauth2\/token$/, methods: { POST: parts.token } },
    { path: /^\/3\/credits$/, methods: { GET: images.credits } },
    {
      path: /^\/3\/image\/([0-9A-Za-z]+)$/,
      methods: { GET: images.describe, DELETE: images.delete },
    },
    { path: /^\/samples\/([^/]+)$/, methods: { GET: sample, HEAD: sample } },
    { path: /^\/([0-9A-Za-z]+\.[a-z]+)$/, methods: { GET: picture, HEAD: picture } },
  ];
}

/**
 * Leads each request to its handler. What no route knows gets the HTML 404 or 405 of Imgur's front.
 *
 * @param onError told of what a handler throws: a defect of ours, answered as Imgur answers its own.
 */
export function createListener(parts: RouteParts, onError: (error: unknown) => void) {
  const routes = createRoutes(parts);

  async function handle(exchange: Exchange): Promise<void> {
    for (const { path, methods } of routes) {
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
      send(exchange, LEGACY.error(500, 'Could not process upload!', path, exchange.method));
    });
  };
}
