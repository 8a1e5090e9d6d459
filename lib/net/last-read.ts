import type { Socket } from 'node:net';

/** What a socket has read last, as long as a request may be concerned by it. */
class LastRead {
  bytes: Buffer | null = null;
  isIdle = false;
}

const lastReads = new WeakMap<Socket, LastRead>();

/**
 * Remembers what a socket reads, before anybody else sees it. One that reads while it is idle is
 * closed: whatever that is, it is no answer to the next request.
 */
export function watchReads(socket: Socket): void {
  const read = new LastRead();
  lastReads.set(socket, read);
  // Must not start the flow, as `on` would: what comes before HTTP listens is to wait for it.
  socket.prependListener('data', (bytes: Buffer) => {
    if (read.isIdle) socket.destroy();
    else read.bytes = bytes;
  });
}

/** Says that a socket which is watched serves no request, or that it does so again. */
export function setIdle(socket: Socket, isIdle: boolean): void {
  const read = lastReads.get(socket);
  if (!read) return;
  read.isIdle = isIdle;
  read.bytes = null;
}

/**
 * Makes the HTTP parser stop where it is. To destroy an answer or a socket does not: whatever was
 * read with it, up to 64 KiB, is still parsed, which takes 10 µs for each empty answer and 5 for
 * each tiny chunk. The parser reads in place, so zeros in the place of the rest are an error to it.
 */
export function spoilLastRead(socket: Socket | null): void {
  if (socket) lastReads.get(socket)?.bytes?.fill(0);
}
