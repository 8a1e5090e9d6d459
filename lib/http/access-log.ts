import type { Logger } from '../logger';
import type { Answer } from './answer';
import { clientAddress } from './client-address';
import type { ApiEvent, Middleware } from './middleware';

const CHANGING: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
const JOB_ID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/**
 * Leaves one line for each call that may change something, each refused key and each status of 5xx,
 * so that the `X-Request-Id` of an answer can be looked up. To be used first: it then sees a request
 * before everything else does, and its answer when nothing is added any more.
 *
 * Calls that only read, and those of no route, leave none: the page asks each second, and anybody may
 * ask for paths that are not there.
 */
export function accessLog(): Middleware {
  const write: NonNullable<Middleware['after']> = ({ event, context, response }) => {
    const { app, failure } = context;
    // A direct invocation has no caller with an address, but a failure of it is one all the same.
    const http = (event as Partial<ApiEvent>).requestContext?.http;
    if (!app || !response) return;
    const method = http?.method ?? null;
    const route = routeOf(event);
    const status = response.statusCode;
    const isChange = method !== null && CHANGING.has(method) && route !== null;
    if (!isChange && status !== 401 && status < 500) return;
    const fields = {
      requestId: context.requestId,
      method,
      route,
      status,
      durationMs: Math.round(performance.now() - (context.startedAt ?? NaN)),
      client: clientAddress(
        http?.sourceIp,
        event.headers['x-forwarded-for'],
        app.config.trustedProxies,
      ),
      key: context.key ?? null,
      jobId: jobIdOf(event, response),
    };
    writeLine(app.log, fields, failure);
  };
  return {
    before({ context }) {
      context.startedAt = performance.now();
    },
    after: write,
    onError: write,
  };
}

function writeLine(log: Logger, fields: { status: number }, failure: Error | undefined): void {
  if (failure) log.error({ ...fields, error: failure }, 'request failed');
  else if (fields.status >= 500 || fields.status === 401) log.warn(fields, 'request refused');
  else log.info(fields, 'request answered');
}

/** The template of the path, like `/v1/images/upload/{jobId}`; null where no route takes it. */
function routeOf({ routeKey = '' }: Partial<ApiEvent>): string | null {
  const path = routeKey.slice(routeKey.indexOf(' ') + 1);
  return path.startsWith('/') ? path : null;
}

/** The job that was made, or else the one that was asked for; undefined for none. */
function jobIdOf({ pathParameters }: ApiEvent, { headers }: Answer): string | undefined {
  const made = JOB_ID.exec(headers['location'] ?? '');
  return (made ?? JOB_ID.exec(pathParameters?.['jobId'] ?? ''))?.[0];
}
