import type { Play, Visit } from './hostile-source';

/** An ordinary answer; a body as bytes is announced, one as a list is sent in chunks. */
export function answer(
  status: number,
  headers: Record<string, string | number>,
  body?: Buffer | readonly Buffer[],
): Play {
  return ({ response }) => {
    const isWhole = Buffer.isBuffer(body);
    response.writeHead(status, {
      ...(isWhole ? { 'content-length': body.length } : {}),
      ...headers,
    });
    for (const chunk of isWhole || !body ? [] : body) response.write(chunk);
    response.end(isWhole ? body : undefined);
  };
}

export const ok = (body?: Buffer | readonly Buffer[]): Play => answer(200, {}, body);

/** The head of an answer as it goes over the line. */
export function head(status: string, ...headers: string[]): string {
  return `${[`HTTP/1.1 ${status}`, ...headers].join('\r\n')}\r\n\r\n`;
}

/** The head of an answer with a body of so many bytes. */
export const announcedHead = (bytes: number): string => head('200 OK', `Content-Length: ${bytes}`);

/**
 * Writes what no HTTP server would, and leaves the connection open. Node's server answers nothing else
 * on it then: after an answer that is whole, another request would wait in vain (`writeAndEnd`).
 */
export function write(...pieces: (string | Buffer)[]): Play {
  return ({ socket }) => {
    for (const piece of pieces) socket.write(piece);
  };
}

/** Writes and then ends the connection. */
export function writeAndEnd(...pieces: (string | Buffer)[]): Play {
  return (visit) => {
    write(...pieces)(visit);
    visit.socket.end();
  };
}

/** Writes and, once that has gone, resets the connection. */
export function writeAndReset(...pieces: (string | Buffer)[]): Play {
  return ({ socket }) => {
    socket.write(Buffer.concat(pieces.map((piece) => Buffer.from(piece))), () => {
      // Not in the same moment, or the reset would overtake what was written.
      setTimeout(() => socket.resetAndDestroy(), 20);
    });
  };
}

/** A head, and then a byte of `body` every so often, over and over. */
export function dribble(start: string, body: Buffer, everyMs: number): Play {
  return ({ socket }) => {
    socket.write(start);
    let at = 0;
    const timer = setInterval(() => {
      const byte = body.subarray(at % body.length, (at % body.length) + 1);
      at += 1;
      socket.write(start.includes('chunked') ? chunk(byte) : byte);
    }, everyMs);
    socket.on('close', () => clearInterval(timer));
  };
}

/** One chunk of a chunked body. */
export function chunk(bytes: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`${bytes.length.toString(16)}\r\n`),
    bytes,
    Buffer.from('\r\n'),
  ]);
}

/** A body cut into chunks of so many bytes. */
export function chunksOf(body: Buffer, bytes: number): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; at += bytes) chunks.push(chunk(body.subarray(at, at + bytes)));
  return Buffer.concat(chunks);
}

/** A body without an end, as fast as it is taken. */
export function endless(first: Buffer, headers: Record<string, string> = {}): Play {
  return ({ response }) => {
    const more = Buffer.alloc(65_536);
    const fill = (): void => {
      while (!response.destroyed && response.write(more));
    };
    response.writeHead(200, headers);
    response.on('drain', fill).write(first);
    fill();
  };
}

/** One answer after the other; the last one for good. */
export function inTurn(...plays: readonly [Play, ...Play[]]): Play {
  return (visit: Visit) => (plays[visit.count - 1] ?? plays[plays.length - 1] ?? plays[0])(visit);
}
