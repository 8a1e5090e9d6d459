import { STATUS_CODES } from 'node:http';
import * as examples from './openapi-examples';
// A type alone: every function knows the routes, and few need the schemas, which load zod.
import type { SchemaName } from './openapi-schemas';
import type { Problem } from './schemas';

/** Anything of JSON: the document is data, and its linter knows its shape better than a type could. */
export type JsonObject = Record<string, unknown>;

const ref = (kind: string, name: string): JsonObject => ({ $ref: `#/components/${kind}/${name}` });

export const schemaRef = (name: SchemaName): JsonObject => ref('schemas', name);
export const parameters = (name: string): JsonObject => ({ parameters: [ref('parameters', name)] });

export const REQUEST_ID = { 'X-Request-Id': ref('headers', 'RequestId') };
export const ALBUM_LOCATION = { Location: ref('headers', 'AlbumLocation') };
export const RETRY_AFTER = { headers: { 'Retry-After': ref('headers', 'RetryAfter') } };

export function response(
  description: string,
  content: JsonObject,
  headers: JsonObject = {},
): JsonObject {
  return { description, headers: { ...headers, ...REQUEST_ID }, content };
}

export function json(
  description: string,
  name: SchemaName,
  example: object,
  headers: JsonObject = {},
): JsonObject {
  const content = { 'application/json': { schema: schemaRef(name), example } };
  return response(description, content, headers);
}

/** A page for people. */
export function html(description: string): JsonObject {
  return response(description, { 'text/html': { schema: { type: 'string' } } });
}

/** A problem by its status. The example is made of what is said here, where none is given. */
export function problem(
  status: number,
  detail: string,
  { headers = {}, example }: { headers?: JsonObject; example?: Problem } = {},
): JsonObject {
  const made: Problem = { type: 'about:blank', title: STATUS_CODES[status] ?? '', status, detail };
  const schema = schemaRef('Problem');
  const content = { 'application/problem+json': { schema, example: example ?? made } };
  return { [status]: response(detail, content, headers) };
}

/** What every call may be answered with. */
export const ANY = {
  ...problem(
    400,
    'Expected a request that can be understood, got a malformed path, query or header.',
  ),
  ...problem(500, 'The service met an unexpected error.'),
};
export const UNAUTHORIZED = problem(
  401,
  'Expected a key as "Authorization: Bearer" or "x-api-key", got none.',
  { headers: { 'WWW-Authenticate': ref('headers', 'WwwAuthenticate') } },
);
export const UNKNOWN_JOB = problem(404, 'There is no job of this id, or it is not kept any more.');
export const KEY_REUSED = problem(
  422,
  'Expected the same request as when this Idempotency-Key came before, got another one.',
);
export const STORE_AWAY = problem(503, 'The database is away for now.', RETRY_AFTER);
export const UNAVAILABLE = problem(
  503,
  'The queue is full, the service is stopping, or the database is away.',
  RETRY_AFTER,
);
export const NEW_JOB = {
  202: {
    ...json('The job exists; the work happens afterwards.', 'Accepted', examples.acceptedExample, {
      Location: ref('headers', 'Location'),
    }),
    links: Object.fromEntries(
      ['getUpload', 'getUploadImages', 'cancelUpload', 'retryUpload'].map((operationId) => [
        operationId,
        { operationId, parameters: { jobId: '$response.body#/jobId' } },
      ]),
    ),
  },
};
