import http from 'node:http';
import https from 'node:https';
import type { Server, Socket, AddressInfo } from 'node:net';
import fs from 'node:fs';
import path from 'node:path';
import { holdRefusingPort } from './refusing-port';
import { startSilentHost } from './silent-host';

export interface Visit {
  readonly request: http.IncomingMessage;
  readonly response: http.ServerResponse;
  /** For what no HTTP server would send. */
  readonly socket: Socket;
  /** Which visit to this path it is: 1 for the first. */
  readonly count: number;
}

export type Play = (visit: Visit) => void;

/** Where the hosts of a hostile world listen; base URLs without a trailing slash. */
export interface Hosts {
  readonly url: string;
  readonly port: number;
  /** Accepts no connection and refuses none. */
  readonly silent: string;
  readonly selfSigned: string;
  readonly expired: string;
  /** Nobody listens there. */
  readonly closed: string;
}

export interface HostileSource extends Hosts {
  /** When each visit to a path began; `performance.now()`. */
  visits(path: string): number[];
  readonly userAgents: Set<string>;
  close(): Promise<void>;
}

const PEMS = path.join(__dirname, '..', 'unit', 'net');

/** Servers on loopback that behave as `plays` says for each path. */
export async function startHostileSource(
  plays: Readonly<Record<string, Play>>,
): Promise<HostileSource> {
  const visits = new Map<string, number[]>();
  const userAgents = new Set<string>();
  const listener: http.RequestListener = (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://source');
    const times = visits.get(pathname) ?? [];
    times.push(performance.now());
    visits.set(pathname, times);
    userAgents.add(request.headers['user-agent'] ?? '');
    request.socket.on('error', () => undefined);
    const play = plays[pathname];
    if (play) play({ request, response, socket: request.socket, count: times.length });
    else response.writeHead(404).end();
  };
  const servers = [
    http.createServer(listener),
    secureServer('self-signed.pem', listener),
    secureServer('expired.pem', listener),
  ];
  const [port = 0, selfSigned, expired] = await Promise.all(servers.map(listen));
  const [silent, refusing] = await Promise.all([startSilentHost(), holdRefusingPort()]);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    silent: silent.url,
    selfSigned: `https://127.0.0.1:${selfSigned}`,
    expired: `https://127.0.0.1:${expired}`,
    closed: `http://127.0.0.1:${refusing.port}`,
    visits: (pathname) => visits.get(pathname) ?? [],
    userAgents,
    async close() {
      refusing.close();
      await Promise.all([...servers.map(close), silent.close()]);
    },
  };
}

function secureServer(name: string, listener: http.RequestListener): https.Server {
  const pem = fs.readFileSync(path.join(PEMS, name));
  const server = https.createServer({ key: pem, cert: pem }, listener);
  // A client that does not trust the certificate says so and leaves.
  return server.on('tlsClientError', () => undefined);
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function close(server: http.Server | https.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
