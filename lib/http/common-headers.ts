import { corsHeaders } from './cors';
import type { Middleware } from './middleware';

const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;

/** The id that a request brought along, if it can stand in a log and in a header; else another. */
export function requestIdOf(given: string | undefined, otherwise: () => string): string {
  return given !== undefined && REQUEST_ID.test(given) ? given : otherwise();
}

/** Headers that every answer carries, those of the gateway's own refusals included. */
export function commonHeaders(
  requestId: string,
  origin: string | undefined,
  corsAllowedOrigins: readonly string[],
): Record<string, string> {
  return {
    'x-request-id': requestId,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    ...corsHeaders(origin, corsAllowedOrigins),
  };
}

/** Headers that every answer carries, errors included. */
export function answerHeaders(): Middleware {
  const add: NonNullable<Middleware['after']> = (request) => {
    const { event, context, response } = request;
    if (!response) return;
    const headers = {
      'cache-control': 'no-store',
      ...response.headers,
      ...commonHeaders(
        context.requestId ?? context.awsRequestId,
        event.headers['origin'],
        context.app?.config.corsAllowedOrigins ?? [],
      ),
    };
    request.response = { ...response, headers };
  };
  return { after: add, onError: add };
}
