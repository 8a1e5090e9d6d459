import type { Agent } from 'node:http';

/** Ends the connections of an agent that wait for another request. */
export function discardIdle(agent: Agent): void {
  for (const sockets of Object.values(agent.freeSockets)) {
    for (const socket of sockets ?? []) socket.destroy();
  }
}
