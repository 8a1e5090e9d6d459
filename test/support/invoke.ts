import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type { Answer } from '../../lib/http/answer';

interface Request {
  readonly method?: string;
  readonly path?: string;
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  /** JSON unless it is text already. */
  readonly body?: unknown;
  /** Whoever opened the connection. */
  readonly sourceIp?: string;
  /** The template of the path, where it has parameters. */
  readonly route?: string;
}

/** Any of the functions, as the gateway sees it. */
type Handler = (event: never, context: never) => Promise<Answer>;

/** Calls a function as API Gateway would, with an event of payload format 2.0. */
export async function invoke(handler: Handler, request: Request = {}): Promise<Answer> {
  const { method = 'GET', path = '/', params, query, headers = {}, body, sourceIp } = request;
  const event: Partial<APIGatewayProxyEventV2> = {
    version: '2.0',
    routeKey: `${method} ${request.route ?? path}`,
    rawPath: path,
    headers,
    ...(params ? { pathParameters: params } : {}),
    ...(query ? { queryStringParameters: query } : {}),
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    isBase64Encoded: false,
    requestContext: {
      http: { method, path, sourceIp },
    } as APIGatewayProxyEventV2['requestContext'],
  };
  const context: Partial<Context> = { awsRequestId: 'request-1' };
  return handler(event as never, context as never);
}

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- a test says what it expects
export function bodyOf<T = Record<string, unknown>>(answer: Answer): T {
  return JSON.parse(answer.body) as T;
}
