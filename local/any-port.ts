import net from 'node:net';
import type { AddressInfo } from 'node:net';

export interface HeldPort {
  readonly port: number;
  /** Resolves when somebody else can listen there. */
  release(): Promise<void>;
}

/**
 * Takes any port that is free and keeps it until it is released. Without that, the system could
 * give the same port to somebody else.
 *
 * @returns null if nobody can listen at this address. Opening the door there fails later, and says
 *   why.
 */
export async function holdAnyPort(host: string): Promise<HeldPort | null> {
  const server = net.createServer((socket) => socket.destroy());
  const isListening = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ host, port: 0 }, () => resolve(true));
  });
  if (!isListening) return null;
  return {
    port: (server.address() as AddressInfo).port,
    release: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
