import middy from '@middy/core';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type { App } from '../app';
import { getApp } from '../app-anchor';
import { accessLog } from './access-log';
import type { Answer } from './answer';
import { bodyRules } from './body-rules';
import { answerHeaders, authentication, problems, service, type Middleware } from './middlewares';

/** An HTTP request in API Gateway's payload format 2.0; `body` is parsed where one is expected. */
export type ApiEvent = Omit<APIGatewayProxyEventV2, 'body'> & { body?: unknown };

export interface ApiContext extends Context {
  app?: App;
  requestId?: string;
  /** When the request came, by `performance.now()`. */
  startedAt?: number;
  /** The position of the caller's key in `API_KEYS`, from 1. */
  key?: number;
  /** What nobody foresaw, for the log. */
  failure?: Error;
}

export interface ApiRequest {
  readonly app: App;
  readonly event: ApiEvent;
  /** A part of the path by its name; the empty string if the route has none of that name. */
  readonly param: (name: string) => string;
}

export interface ApiOptions {
  /** Whether the request brings a JSON body. Default: no. */
  readonly body?: boolean;
  /** Whether everybody may call, also where keys are set. Default: no. */
  readonly open?: boolean;
}

/** No timer for each request: time limits are the gateway's. */
const NO_TIMEOUT = { timeoutEarlyInMillis: 0 };

/**
 * Wraps what a function does with a request into the one Middy stack: parts of the service, request
 * id, keys, JSON body, security headers, and RFC 9457 problems for whatever is thrown.
 *
 * @example
 * export const handler = apiFunction({}, async ({ app, param }) => {
 *   const job = await app.store.get(param('jobId'));
 *   return jsonAnswer(200, job);
 * });
 */
export function apiFunction(
  { body = false, open = false }: ApiOptions,
  respond: (request: ApiRequest) => Answer | Promise<Answer>,
): middy.MiddyfiedHandler<ApiEvent, Answer, Error, ApiContext> {
  // Errors run through the middlewares in reverse, so the headers come after the problem.
  const stack = middy<ApiEvent, Answer, Error, ApiContext>(NO_TIMEOUT)
    .use(accessLog())
    .use(answerHeaders())
    .use(problems())
    .use(service(getApp));
  if (!open) stack.use(authentication());
  if (body) stack.use(bodyRules()).use(httpJsonBodyParser() as Middleware);
  return stack.handler(async (event, { app }) => {
    if (!app) throw new Error('Expected the service middleware to have run');
    const param = (name: string): string => event.pathParameters?.[name] ?? '';
    return respond({ app, event, param });
  });
}
