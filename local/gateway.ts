import { isUtf8 } from 'node:buffer';
import type http from 'node:http';
import type { Answer } from '../lib/http/answer';
import { MAX_BODY_BYTES } from '../lib/http/body-rules';
import type { Logger } from '../lib/logger';
import type { HttpExchange } from '../lib/metrics/http-metrics';
import { openDoor, type Door, type DoorConfig } from './door';
import { readBody } from './read-body';
import { MALFORMED, refusalAnswer, refuse, TOO_LARGE } from './refusals';

/** The parts of a hapi server (https://hapi.dev/api) that the door is put before. */
export interface GatewayServer {
  readonly listener: http.Server;
  ext(event: 'onPreAuth' | 'onPreResponse', method: HapiMethod): void;
}
type HapiMethod = (request: HapiRequest, h: HapiToolkit) => HapiResult | Promise<HapiResult>;
type HapiResult = HapiResponse | symbol;
interface HapiRequest {
  readonly method: string;
  headers: Record<string, string | undefined>;
  readonly raw: { readonly req: http.IncomingMessage; readonly res: http.ServerResponse };
  readonly response: HapiResponse | Boom;
  payload: unknown;
  mime: string;
}
interface HapiToolkit {
  readonly continue: symbol;
  readonly abandon: symbol;
  response(body: string): HapiResponse;
}
interface HapiResponse {
  readonly isBoom?: never;
  code(status: number): HapiResponse;
  header(name: string, value: string): HapiResponse;
}
interface Boom extends Error {
  readonly isBoom: true;
  readonly output: { readonly statusCode: number };
}

const BYTES = 'application/octet-stream';

/**
 * Opens HOST:PORT to the emulated API Gateway, which listens on loopback only, because its sister,
 * the emulated Lambda API, is bound to the same address and runs any function for anybody.
 *
 * Requests are handed over as they are; nothing is copied between two sockets.
 *
 * @param answered told of each request, those that are refused here included.
 */
export async function openGateway(
  server: GatewayServer,
  config: DoorConfig,
  log: Logger,
  answered: (exchange: HttpExchange) => void,
): Promise<Door> {
  const { corsAllowedOrigins } = config;
  server.ext('onPreAuth', (request, h) => {
    // serverless-offline opens every answer to whatever origin it finds here. The functions, which see
    // what was sent, open theirs to the origins that are named.
    request.headers = { ...request.headers, origin: undefined };
    return takeBody(request, h);
  });
  server.ext('onPreResponse', (request, h) => {
    const { response } = request;
    if (!response.isBoom) return h.continue;
    const answer = answerOf(response, request);
    const problem = h.response(answer.body).code(answer.statusCode);
    for (const [name, value] of Object.entries(answer.headers)) problem.header(name, value);
    return problem;
  });
  const handOver: http.RequestListener = (request, response) => {
    server.listener.emit('request', request, response);
  };
  return openDoor(config, log, handOver, answered);

  /**
   * Reads bodies itself. The gateway would end the connection if a body without a length is too
   * large. It would also turn all bytes into characters, so that a function could not tell what was
   * sent.
   */
  async function takeBody(request: HapiRequest, h: HapiToolkit): Promise<HapiResult> {
    if (['get', 'head'].includes(request.method)) return h.continue;
    const { req, res } = request.raw;
    const body = await readBody(req, MAX_BODY_BYTES);
    if (body === null) {
      refuse(req, res, refusalAnswer(TOO_LARGE, corsAllowedOrigins, req));
      return h.abandon;
    }
    request.payload = body;
    // The gateway need not parse what the function parses.
    request.mime = BYTES;
    // It goes by this header of its own whether bytes are handed on as Base64; the function's stays.
    if (!isUtf8(body)) request.headers['content-type'] = BYTES;
    return h.continue;
  }

  /** What the gateway itself refuses never reaches a function; it is a problem all the same. */
  function answerOf(boom: Boom, { raw: { req } }: HapiRequest): Answer {
    const { statusCode: status } = boom.output;
    // Of a path that cannot be decoded, serverless-offline makes a success where a page asks by OPTIONS.
    if (status <= 400) return refusalAnswer(MALFORMED, corsAllowedOrigins, req);
    const detail = 'The gateway could not answer this request.';
    const answer = refusalAnswer({ status, detail }, corsAllowedOrigins, req);
    if (status >= 500) {
      log.error({ requestId: answer.headers['x-request-id'], error: boom }, 'request failed');
    }
    return answer;
  }
}
