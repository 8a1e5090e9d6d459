import net from 'node:net';

/**
 * A port on which nobody listens. Not one of those that the system gives to whoever asks for any
 * (RFC 6335 section 6, and from 32768 on Linux): it would be somebody else's by the time the service
 * is up.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) return port;
  }
  throw new Error('Expected a free port from 20000 to 31999, found none in 100 tries');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
