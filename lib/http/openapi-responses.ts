import { STATUS_CODES } from 'node:http';
import * as examples from './openapi-examples';
import type { Problem } from './schemas';

/** Anything of JSON: the document is data, and its linter knows its shape better than a type could. */
export type JsonObject = Record<string, unknown>;

/** The names of the schemas in the document's components. */
export type SchemaName =
  | 'UploadRequest'
  | 'AlbumRequest'
  | 'Album'
  | 'Accepted'
  | 'Job'
  | 'Images'
  | 'JobList'
  | 'Links'
  | 'Health'
  | 'Ready'
  | 'Problem';

export const schemaRef = (name: SchemaName): JsonObject => ({
  $ref: `#/components/schemas/${name}`,
});
export const parameterRef = (name: string): JsonObject => ({
  $ref: `#/components/parameters/${name}`,
});
export const headerRef = (name: string): JsonObject => ({ $ref: `#/components/headers/${name}` });

export const REQUEST_ID = { 'X-Request-Id': headerRef('RequestId') };

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
  headers = {},
): JsonObject {
  const content = { 'application/json': { schema: schemaRef(name), example } };
  return response(description, content, headers);
}

export function html(description: string): JsonObject {
  return response(description, { 'text/html': { schema: { type: 'string' } } });
}

export function problem(
  status: number,
  detail: string,
  headers = {},
  errors?: Problem,
): JsonObject {
  const title = STATUS_CODES[status] ?? '';
  const example: Problem = errors ?? { type: 'about:blank', title, status, detail };
  const content = { 'application/problem+json': { schema: schemaRef('Problem'), example } };
  return response(detail, content, headers);
}

/** What every call may be answered with. */
export const ANY = {
  400: problem(
    400,
    'Expected a request that can be understood, got a malformed path, query or header.',
  ),
  500: problem(500, 'The service met an unexpected error.'),
};
export const UNAUTHORIZED = {
  401: problem(401, 'Expected a key as "Authorization: Bearer" or "x-api-key", got none.', {
    'WWW-Authenticate': headerRef('WwwAuthenticate'),
  }),
};
export const UNKNOWN_JOB = {
  404: problem(404, 'There is no job of this id; a restart forgets all jobs.'),
};
export const KEY_REUSED = {
  422: problem(
    422,
    'Expected the same request as when this Idempotency-Key came before, got another one.',
  ),
};
export const UNAVAILABLE = {
  503: problem(503, 'The queue is full, or the service is stopping and takes no new jobs.', {
    'Retry-After': headerRef('RetryAfter'),
  }),
};
export const NEW_JOB = {
  202: {
    ...json('The job exists; the work happens afterwards.', 'Accepted', examples.acceptedExample, {
      Location: headerRef('Location'),
    }),
    links: Object.fromEntries(
      ['getUpload', 'getUploadImages', 'cancelUpload', 'retryUpload'].map((operationId) => [
        operationId,
        { operationId, parameters: { jobId: '$response.body#/jobId' } },
      ]),
    ),
  },
};
