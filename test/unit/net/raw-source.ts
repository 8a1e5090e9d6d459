import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';

export interface RawSource {
  readonly port: number;
  /** The sockets that were accepted, in order. */
  readonly sockets: readonly Socket[];
  close(): void;
}

/** Listens on loopback and answers each read of a socket with what `answer` writes. */
export async function startRawSource(answer: (socket: Socket) => void): Promise<RawSource> {
  const sockets: Socket[] = [];
  const server = net.createServer((socket) => {
    sockets.push(socket);
    // Whoever is answered too much hangs up.
    socket.on('error', () => undefined).on('data', () => answer(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Asks through an agent of the caller's. The error of a request that is destroyed is not shown. */
export function ask(port: number, agent: http.Agent): http.ClientRequest {
  const request = http.get({ host: '127.0.0.1', port, agent });
  return request.on('error', () => undefined);
}
