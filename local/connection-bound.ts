import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import type { Logger } from '../lib/logger';

export interface ConnectionBound {
  /** Whether a request came on a connection that is one too many, and is no probe. */
  isBeyond(request: IncomingMessage): boolean;
  /** Every connection that is open. */
  forEach(each: (socket: Duplex) => void): void;
  /** Counts a connection that was refused otherwise, with the reason if there is another one. */
  readonly noteRefused: (error?: NodeJS.ErrnoException) => void;
}

/**
 * How many connections more are accepted, for probes and to tell the others why. Without them a
 * flood would look like a service that is dead, and whoever restarts that loses its jobs.
 */
const RESERVE = 64;
const PROBES: readonly string[] = ['/health', '/ready', '/metrics'];

/** How long a connection beyond the bound may take to ask for something, in milliseconds. */
const PATIENCE_MS = 2000;

/** How often idle connections are looked for among all, which costs time for each, in milliseconds. */
const CLEAR_EVERY_MS = 100;

/** How often it is told that connections are refused, in milliseconds. */
const TELL_EVERY_MS = 60_000;

/**
 * Bounds how many connections are open at once, so that a flood takes no file descriptor from images
 * under way. At the bound, idle connections go first; then newcomers get 503, or nothing but an end
 * once there are too many of these as well.
 */
export function createConnectionBound(server: Server, most: number, log: Logger): ConnectionBound {
  const open = new Set<Socket>();
  const surplus = new WeakSet<Socket>();
  let clearedAt = -Infinity;
  let refused = 0;
  let toldAt = -Infinity;

  server.maxConnections = most + RESERVE;
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    if (open.size <= most) return;
    if (performance.now() - clearedAt >= CLEAR_EVERY_MS) {
      clearedAt = performance.now();
      server.closeIdleConnections();
    }
    surplus.add(socket);
    socket.setTimeout(PATIENCE_MS);
  });
  server.on('drop', () => noteRefused());

  return {
    isBeyond({ socket, url = '' }) {
      if (!surplus.has(socket)) return false;
      if (open.size <= most) {
        // There is room by now.
        surplus.delete(socket);
        socket.setTimeout(0);
        return false;
      }
      if (PROBES.includes(url.split('?', 1)[0] ?? '')) return false;
      noteRefused();
      return true;
    },
    forEach: (each) => open.forEach(each),
    noteRefused,
  };

  function noteRefused(error?: NodeJS.ErrnoException): void {
    refused += 1;
    if (performance.now() - toldAt < TELL_EVERY_MS) return;
    toldAt = performance.now();
    const why = error?.code ?? 'too many are open';
    log.warn({ maxConnections: most, refused }, `connections are refused: ${why}`);
    refused = 0;
  }
}
