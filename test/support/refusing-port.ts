import net, { type AddressInfo } from 'node:net';

export interface RefusingPort {
  readonly port: number;
  close(): void;
}

/**
 * A port of loopback that refuses every connection. One that a server has just left may be given to
 * the next server of any other test; this one is the near end of a connection that stays open.
 */
export async function holdRefusingPort(): Promise<RefusingPort> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const held = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [far] = await Promise.all([
    new Promise<net.Socket>((resolve) => server.once('connection', resolve)),
    new Promise((resolve) => held.once('connect', resolve)),
  ]);
  const { localPort: port } = held;
  if (port === undefined) throw new Error('Expected a connection with a port, got one without');
  return {
    port,
    close() {
      for (const socket of [held, far]) socket.destroy();
      server.close();
    },
  };
}
