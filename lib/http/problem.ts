import { STATUS_CODES } from 'node:http';
import { isJobRefused, type Refusal } from '../jobs/job-refused';
import { isStoreUnavailable } from '../jobs/store-unavailable';
import type { Answer } from './answer';
import { isHttpProblem, type InputProblem } from './http-problem';
import type { Middleware } from './middleware';
import type { Problem } from './schemas';

const MEDIA_TYPE = 'application/problem+json';
/** More than anyone mends at once; `detail` says how many there are in all. */
const MAX_ERRORS = 100;

export function problemAnswer(
  status: number,
  detail: string,
  options: {
    errors?: readonly InputProblem[] | null;
    headers?: Readonly<Record<string, string>>;
  } = {},
): Answer {
  const problem: Problem = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    ...(options.errors ? { errors: options.errors.slice(0, MAX_ERRORS) } : {}),
  };
  return {
    statusCode: status,
    headers: { ...options.headers, 'content-type': MEDIA_TYPE },
    body: JSON.stringify(problem),
  };
}

/** About how long a full queue takes to have room again, or a stop to be over, in seconds. */
const RETRY_LATER = { statusCode: 503, headers: { 'retry-after': '10' } };

/** About how long a database takes to start anew, in seconds. */
const DATABASE_BACK_S = 5;

const ANSWER_TO: Readonly<
  Record<Refusal, { statusCode: number; headers?: Readonly<Record<string, string>> }>
> = {
  queue_full: RETRY_LATER,
  stopping: RETRY_LATER,
  not_complete: { statusCode: 409 },
  nothing_failed: { statusCode: 409 },
  nothing_uploaded: { statusCode: 409 },
  key_reused: { statusCode: 422 },
  key_busy: { statusCode: 409 },
  imgur_refused: { statusCode: 502 },
  imgur_paused: { statusCode: 503 },
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
        const wait = error.retryAfterS === null ? {} : { 'retry-after': String(error.retryAfterS) };
        request.response = problemAnswer(statusCode, error.message, {
          headers: { ...headers, ...wait },
        });
        return;
      }
      if (isStoreUnavailable(error)) {
        const headers = { 'retry-after': String(DATABASE_BACK_S) };
        request.response = problemAnswer(503, error.message, { headers });
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
