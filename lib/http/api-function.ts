import middy from '@middy/core';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import type { App } from '../app';
import { getApp } from '../app-anchor';
import { HttpProblem } from './http-problem';
import { accessLog } from './access-log';
import type { Answer } from './answer';
import { authentication } from './authentication';
import { bodyRules } from './body-rules';
import { answerHeaders, requestIdOf } from './common-headers';
import type { ApiContext, ApiEvent, Middleware } from './middleware';
import { problems } from './problem';

export interface ApiRequest {
  readonly app: App;
  readonly event: ApiEvent;
  /** A part of the path by its name; the empty string if the route has none of that name. */
  readonly param: (name: string) => string;
}

export interface ApiOptions {
  /** Whether the request brings a JSON body, or may do so. Default: no. */
  readonly body?: boolean | 'optional';
  /** Whether everybody may call, also where keys are set. Default: no. */
  readonly open?: boolean;
  /** Whether a process answers it that only works on images. Default: no. */
  readonly ofWorkers?: boolean;
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
  { body = false, open = false, ofWorkers = false }: ApiOptions,
  respond: (request: ApiRequest) => Answer | Promise<Answer>,
): middy.MiddyfiedHandler<ApiEvent, Answer, Error, ApiContext> {
  // Errors run through the middlewares in reverse, so the headers come after the problem.
  const stack = middy<ApiEvent, Answer, Error, ApiContext>(NO_TIMEOUT)
    .use(accessLog())
    .use(answerHeaders())
    .use(problems())
    .use(service(ofWorkers));
  if (!open) stack.use(authentication());
  const parts = [bodyRules(), httpJsonBodyParser() as Middleware];
  if (body) for (const part of parts) stack.use(body === 'optional' ? ifBody(part) : part);
  return stack.handler(async (event, { app }) => {
    if (!app) throw new Error('Expected the service middleware to have run');
    const param = (name: string): string => event.pathParameters?.[name] ?? '';
    return respond({ app, event, param });
  });
}

/** Where a request has no body, nothing is asked of it. */
function ifBody({ before }: Middleware): Middleware {
  return {
    async before(request) {
      if (request.event.body) await before?.(request);
    },
  };
}

/** Gives the function its parts, and each request an id that the answer repeats. */
function service(ofWorkers: boolean): Middleware {
  return {
    async before({ event, context }) {
      // A direct invocation may bring anything; the gateway always brings headers.
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition
      event.headers ??= {};
      context.requestId = requestIdOf(event.headers['x-request-id'], () => context.awsRequestId);
      context.app = await getApp();
      if (context.app.config.role === 'worker' && !ofWorkers) {
        throw new HttpProblem(404, 'This process only works on images: another one takes calls.');
      }
    },
  };
}
