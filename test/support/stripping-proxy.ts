import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StrippingProxy {
  /** How callers reach what is behind it: origin and path, without a slash at the end. */
  readonly url: string;
  /** From here on requests go to this base URL. */
  forwardTo(target: string): void;
  close(): Promise<void>;
}

/** A proxy that knows one path and strips it, as nginx and Caddy are told to; all else is 404. */
export async function startStrippingProxy(path: string): Promise<StrippingProxy> {
  let target = '';
  const server = http.createServer((request, response) => {
    const { url = '', method, headers } = request;
    if (url !== path && !url.startsWith(`${path}/`)) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not below the path');
      return;
    }
    const stripped = url.slice(path.length) || '/';
    const forwarded = http.request(target + stripped, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.destroy());
    request.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    forwardTo: (url) => (target = url),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
