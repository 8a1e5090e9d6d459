import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';

export interface LateClosingProxy {
  /** The URL of the server by way of the proxy. */
  readonly url: string;
  close(): void;
}

/** Hands on what is sent, but not that a client is gone: as a network that lost just that. */
export async function startLateClosingProxy(url: string): Promise<LateClosingProxy> {
  const through = new URL(url);
  const { hostname: host, port } = through;
  const sockets = new Set<net.Socket>();
  const proxy = net.createServer((client) => {
    const server = net.connect(Number(port), host);
    for (const socket of [client, server]) sockets.add(socket.on('error', () => undefined));
    client.on('data', (sent) => void server.write(sent));
    server.on('data', (answered) => void client.write(answered));
    server.on('close', () => client.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  through.port = String((proxy.address() as AddressInfo).port);
  return {
    url: through.href,
    close() {
      proxy.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
