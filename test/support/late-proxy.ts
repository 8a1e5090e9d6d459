import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';

export interface LateProxy {
  /** The URL of the server by way of the proxy. */
  readonly url: string;
  /** The next connection that sends these words has what it sends from then on wait here. */
  holdFrom(words: string): void;
  /** What waits. */
  readonly held: string;
  /** Takes the connection away from the client; the server hears nothing of it. */
  cut(): Promise<void>;
  /** Hands on what waits, and resolves once the server is done with it. */
  deliver(): Promise<void>;
  close(): Promise<void>;
}

interface Held {
  readonly client: net.Socket;
  readonly server: net.Socket;
  readonly chunks: Buffer[];
}

/** Hands on what is sent, but may be late with it, as a network or a machine that stood still. */
export async function startLateProxy(url: string): Promise<LateProxy> {
  const through = new URL(url);
  const { hostname: host, port } = through;
  const sockets = new Set<net.Socket>();
  let awaited: string | null = null;
  let held: Held | null = null;
  const proxy = net.createServer((client) => {
    const server = net.connect(Number(port), host);
    for (const socket of [client, server]) sockets.add(socket.on('error', () => undefined));
    client.on('data', (sent) => {
      if (awaited !== null && sent.includes(awaited)) {
        awaited = null;
        held = { client, server, chunks: [] };
      }
      if (held?.client === client) held.chunks.push(sent);
      else server.write(sent);
    });
    client.on('close', () => held?.client === client || server.end());
    server.on('data', (answered) => void client.write(answered));
    server.on('close', () => client.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  through.port = String((proxy.address() as AddressInfo).port);
  return {
    url: through.href,
    holdFrom: (words) => void (awaited = words),
    get held() {
      return held ? Buffer.concat(held.chunks).toString('latin1') : '';
    },
    async cut() {
      held!.client.destroy();
      await once(held!.client, 'close');
    },
    async deliver() {
      const { server, chunks } = held!;
      server.end(Buffer.concat(chunks));
      await once(server, 'close');
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
