import type { Socket } from 'node:net';

/** What a socket that serves a request has read last. */
class LastRead {
  bytes: Buffer | null = null;
  isIdle = false;
}

const lastReads = new WeakMap<Socket, LastRead>();

/**
 * Remembers what a socket reads, before anybody else sees it. A socket that reads while it is idle
 * is closed: whatever came there, it is no answer to the next request.
 */
export function watchReads(socket: Socket): void {
  const read = new LastRead();
  lastReads.set(socket, read);
  // Does not start the flow, as `on` would: what comes before HTTP listens has to wait for it.
  socket.prependListener('data', (bytes: Buffer) => {
    if (read.isIdle) socket.destroy();
    else read.bytes = bytes;
  });
  // Else a dead socket would keep 64 KiB alive until it is collected itself.
  socket.once('close', () => (read.bytes = null));
}

/** Says that a socket which is watched serves no request, or that it does so again. */
export function setIdle(socket: Socket, isIdle: boolean): void {
  const read = lastReads.get(socket);
  if (!read) return;
  read.isIdle = isIdle;
  read.bytes = null;
}

/**
 * Makes the HTTP parser of a watched socket stop where it is. To destroy the answer or the socket
 * does not: whatever was read with it, up to 64 KiB, is parsed to its end, at some 20 µs for each
 * empty answer and 5 for each tiny chunk. The parser reads in place, so zeros in the place of the
 * rest are an error to it.
 *
 * To be called by what hears from the parser, after the request was ended with its own reason.
 */
export function spoilLastRead(socket: Socket | null): void {
  if (socket) lastReads.get(socket)?.bytes?.fill(0);
}
