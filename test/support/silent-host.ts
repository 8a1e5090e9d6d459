import net from 'node:net';
import { Worker } from 'node:worker_threads';

/** Listens with the shortest queue there is, and then does nothing any more. */
const LISTENER = `
const net = require('node:net');
const { parentPort } = require('node:worker_threads');
const server = net.createServer();
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  // At once, or it would accept some of those that are to fill its queue.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
`;
/** More than its queue holds: the kernel answers whoever comes after them with silence. */
const QUEUED = 8;

export interface SilentHost {
  readonly url: string;
  close(): Promise<void>;
}

/** A port of loopback on which a connection is neither accepted nor refused. */
export async function startSilentHost(): Promise<SilentHost> {
  const worker = new Worker(LISTENER, { eval: true });
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  const queue = Array.from({ length: QUEUED }, () =>
    net.connect(port, '127.0.0.1').on('error', () => undefined),
  );
  await new Promise((resolve) => queue[0]?.once('connect', resolve));
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      for (const socket of queue) socket.destroy();
      await worker.terminate();
    },
  };
}
