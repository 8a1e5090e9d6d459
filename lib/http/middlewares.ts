import type { MiddlewareObj } from '@middy/core';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { App } from '../app';
import { HttpProblem, isHttpProblem } from '../errors';
import { isJobRefused, type Refusal } from '../jobs/job-refused';
import type { Answer } from './answer';
import { commonHeaders, requestIdOf } from './common-headers';
import { problemAnswer } from './problem';
import type { ApiContext, ApiEvent } from './api-function';

export type Middleware = MiddlewareObj<ApiEvent, Answer, Error, ApiContext>;

/** Gives the function its parts, and each request an id that the answer repeats. */
export function service(getApp: () => Promise<App>): Middleware {
  return {
    async before({ event, context }) {
      // A direct invocation may bring anything; the gateway always brings headers.
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition
      event.headers ??= {};
      context.requestId = requestIdOf(event.headers['x-request-id'], () => context.awsRequestId);
      context.app = await getApp();
    },
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

/** About how long a full queue takes to have room again, or a stop to be over, in seconds. */
const RETRY_LATER = { statusCode: 503, headers: { 'retry-after': '10' } };

const ANSWER_TO: Readonly<
  Record<Refusal, { statusCode: number; headers?: Readonly<Record<string, string>> }>
> = {
  queue_full: RETRY_LATER,
  stopping: RETRY_LATER,
  not_complete: { statusCode: 409 },
  nothing_failed: { statusCode: 409 },
  key_reused: { statusCode: 422 },
};

/** Turns whatever was thrown into problem details; what nobody foresaw is told as 500, and logged. */
export function problems(): Middleware {
  return {
    onError(request) {
      const { error, context } = request;
      if (isHttpProblem(error)) {
        const { statusCode, message, errors, headers } = error;
        request.response = problemAnswer(statusCode, message, { errors, headers });
        return;
      }
      if (isJobRefused(error)) {
        const { statusCode, headers = {} } = ANSWER_TO[error.why];
        request.response = problemAnswer(statusCode, error.message, { headers });
        return;
      }
      const parser = parserFailure(error);
      if (parser) {
        request.response = problemAnswer(400, parser);
        return;
      }
      context.failure = error ?? new Error('Expected an error, got none');
      request.response = problemAnswer(500, 'The service met an unexpected error.');
    },
  };
}

/** Middy's parser says 415 to JSON that is malformed; its media type has been judged before. */
function parserFailure(error: Error | null): string | null {
  const { cause } = error ?? {};
  if (typeof cause !== 'object' || cause === null || !('package' in cause)) return null;
  if (cause.package !== '@middy/http-json-body-parser') return null;
  const why = 'message' in cause && typeof cause.message === 'string' ? `: ${cause.message}` : '';
  return `Expected the body to be JSON, got something else${why}.`;
}

/** Refuses callers without one of the keys, where there are any (RFC 6750, RFC 9110 11.6.1). */
export function authentication(): Middleware {
  return {
    before({ event, context }) {
      const keys = context.app?.config.apiKeys ?? [];
      if (keys.length === 0) return;
      const bearer = /^Bearer +(\S+) *$/i.exec(event.headers['authorization'] ?? '')?.[1];
      const given = bearer ?? event.headers['x-api-key'];
      const position = given === undefined ? 0 : positionOf(given, keys);
      if (position > 0) {
        context.key = position;
        return;
      }
      throw new HttpProblem(
        401,
        `Expected a key as "Authorization: Bearer" or "x-api-key", got ${given === undefined ? 'none' : 'a wrong one'}.`,
        { headers: { 'www-authenticate': 'Bearer realm="image-relay"' } },
      );
    },
  };
}

/**
 * Where a key stands among those that are taken, from 1; 0 for none of them. Compares in a time that
 * tells nothing: digests are of one length, and every key is looked at.
 */
function positionOf(given: string, keys: readonly string[]): number {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(given);
  return keys.map((key) => timingSafeEqual(digest(key), expected)).indexOf(true) + 1;
}
