import type http from 'node:http';
import net from 'node:net';
import type { Config } from '../lib/config';
import { problemAnswer } from '../lib/http/problem';

/** The parts of a hapi server (https://hapi.dev/api) that the door is put before. */
export interface GatewayServer {
  readonly listener: http.Server;
  ext(
    event: 'onPreResponse',
    method: (request: HapiRequest, h: HapiToolkit) => HapiResponse | symbol,
  ): void;
}
interface HapiRequest {
  readonly response: HapiResponse | Boom;
}
interface HapiToolkit {
  readonly continue: symbol;
  response(body: string): HapiResponse;
}
interface HapiResponse {
  readonly isBoom?: never;
  readonly headers: Record<string, unknown>;
  code(status: number): HapiResponse;
  header(name: string, value: string): HapiResponse;
}
interface Boom {
  readonly isBoom: true;
  readonly output: { readonly statusCode: number };
}

export interface Gateway {
  /** Takes no more connections. */
  close(): void;
}

/**
 * Opens HOST:PORT to the emulated API Gateway, which listens on loopback only, because its sister,
 * the emulated Lambda API, is bound to the same address and runs any function for anybody.
 *
 * Connections are handed over as they are; nothing is copied between two sockets.
 */
export async function openGateway(
  server: GatewayServer,
  { host, port }: Pick<Config, 'host' | 'port'>,
): Promise<Gateway> {
  server.ext('onPreResponse', ({ response }, h) => {
    if (response.isBoom) return problemOf(response, h);
    closeToOtherOrigins(response);
    return h.continue;
  });
  // As http.Server opens its own: a client may end its side first, and small answers go out at once.
  const options = { allowHalfOpen: true, noDelay: true };
  const door = net.createServer(options, (socket) => server.listener.emit('connection', socket));
  await new Promise<void>((resolve, reject) => {
    door.once('error', reject);
    door.listen({ host, port }, resolve);
  });
  return {
    close: () => {
      // Open connections are the gateway's own, which ends them when it stops.
      door.close();
    },
  };
}

/** What the gateway itself refuses never reaches a function; it is a problem all the same. */
function problemOf({ output: { statusCode } }: Boom, h: HapiToolkit): HapiResponse {
  const details: Record<number, string> = {
    400: 'Expected a request that can be understood, got a malformed path, query or header.',
    413: 'Expected a body of at most 1048576 bytes, got more.',
  };
  const detail = details[statusCode] ?? 'The gateway could not answer this request.';
  const { headers, body } = problemAnswer(statusCode, detail);
  const response = h.response(body).code(statusCode);
  for (const [name, value] of Object.entries(headers)) response.header(name, value);
  return response;
}

/**
 * serverless-offline opens every answer to every origin. Ours are open only where a function said
 * so, which it does together with `vary: origin`.
 */
function closeToOtherOrigins({ headers }: HapiResponse): void {
  const { vary } = headers;
  const open = typeof vary === 'string' && vary.includes('origin');
  for (const name of Object.keys(headers)) {
    const isCors = name.startsWith('access-control-');
    if (isCors && (!open || name === 'access-control-allow-credentials')) {
      Reflect.deleteProperty(headers, name);
    }
  }
}
