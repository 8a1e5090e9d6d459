import type { Agent } from 'node:http';
import type { Socket } from 'node:net';

/** What is to be known of the kept connections of an agent before one is used again. */
export interface IdleConnections {
  /** A request on it was just answered. */
  used(socket: Socket): void;
  /** Whether that was so long ago that the other side may have closed it. */
  hasIdled(socket: Socket): boolean;
  /** Ends all that wait for another request. */
  discard(): void;
}

/** Servers close connections that idle for seconds. */
const IDLE_MS = 500;

/** @param now milliseconds of a clock that is never set. */
export function createIdleConnections(
  agent: Agent,
  now = (): number => performance.now(),
): IdleConnections {
  const usedAt = new WeakMap<Socket, number>();
  return {
    used: (socket) => void usedAt.set(socket, now()),
    hasIdled: (socket) => now() - (usedAt.get(socket) ?? -Infinity) >= IDLE_MS,
    discard() {
      for (const sockets of Object.values(agent.freeSockets)) {
        for (const socket of sockets ?? []) socket.destroy();
      }
    },
  };
}
