import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { picture } from './pictures';

export type Serve = (request: http.IncomingMessage, response: http.ServerResponse) => void;

export interface SourceServer {
  /** Base URL on loopback, without a trailing slash. */
  readonly url: string;
  /** The paths that were asked for, in order. */
  readonly requests: string[];
  /** The headers of the latest request. */
  readonly lastHeaders: http.IncomingHttpHeaders;
  close(): Promise<void>;
}

/**
 * A host of pictures on loopback: any path that ends in the name of a test picture brings it, with
 * its length; the paths of `routes` are played as they say; everything else is a 404.
 */
export async function startSource(routes: Record<string, Serve> = {}): Promise<SourceServer> {
  const requests: string[] = [];
  let lastHeaders: http.IncomingHttpHeaders = {};
  const server = http.createServer((request, response) => {
    const path = request.url ?? '/';
    requests.push(path);
    lastHeaders = request.headers;
    const { pathname } = new URL(path, 'http://source');
    const route = routes[pathname];
    if (route) route(request, response);
    else servePicture(pathname.slice(pathname.lastIndexOf('/') + 1), response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    get lastHeaders() {
      return lastHeaders;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function servePicture(name: string, response: http.ServerResponse): void {
  let bytes: Buffer;
  try {
    bytes = picture(name);
  } catch {
    response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not here</h1>');
    return;
  }
  response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
}
