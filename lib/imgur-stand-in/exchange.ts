import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request and its reply, with the path apart from the query. */
export interface Exchange {
  req: IncomingMessage;
  res: ServerResponse;
  method: string;
  path: string;
}

export interface Reply {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string | Buffer;
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
export function send(exchange: Exchange, reply: Reply): void {
  const { req, res } = exchange;
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

/** A page as Imgur's front answers where its API does not. */
export function htmlReply(
  status: number,
  title: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return {
    status,
    headers: { 'Content-Type': 'text/html; charset=utf-8', ...headers },
    body:
      `<!DOCTYPE html>\n<html>\n<head><title>${title}</title></head>\n` +
      `<body><h1>${title}</h1></body>\n</html>\n`,
  };
}
