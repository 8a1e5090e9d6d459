import { version } from '../../package.json';
import type { Config } from '../config';
import { idempotencyKeySchema } from './idempotency-key';
import { limitSchema } from './limit';
import { OPERATIONS } from './openapi-operations';
import type { JsonObject } from './openapi-responses';
import { jsonSchema, schemas } from './openapi-schemas';
import { acceptedSchema } from './schemas';

const DESCRIPTION = `
Takes a list of image URLs, downloads every image itself and uploads the bytes to Imgur.

Every error is an RFC 9457 problem (\`application/problem+json\`). Beside those that each call lists,
an unknown path is answered with 404, and a known path with the wrong method with 405 and \`Allow\`.
Every path that takes GET takes HEAD too, and OPTIONS is answered with 204 and \`Allow\`.
What never comes in whole is answered with 408 after \`REQUEST_TIMEOUT_MS\`, a body over 1 MiB with 413,
an \`Expect\` other than \`100-continue\` with 417, headers over 16 KiB with 431, and connections over
\`MAX_CONNECTIONS\` with 503 and \`Retry-After\`.
Where \`API_KEYS\` is set, a key is needed for all calls but those that say otherwise.
`.trim();

/**
 * The API as an OpenAPI 3.1 document. Its schemas are made from those that validate requests and
 * that the types of the answers come from.
 */
export function openApiDocument({
  publicUrl,
  maxUrlsPerJob,
}: Pick<Config, 'publicUrl' | 'maxUrlsPerJob'>): JsonObject {
  return {
    openapi: '3.1.1',
    info: {
      title: 'image-relay',
      version,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: publicUrl }],
    tags: [
      { name: 'Jobs', description: 'Lists of images on their way.' },
      { name: 'Images', description: 'What has arrived.' },
      { name: 'Service', description: 'The service itself.' },
    ],
    security: [{ bearer: [] }, { apiKey: [] }, {}],
    paths: OPERATIONS,
    components: {
      schemas: schemas(maxUrlsPerJob),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'One of `API_KEYS`.' },
        apiKey: {
          type: 'apiKey',
          in: 'header',
          name: 'x-api-key',
          description: 'One of `API_KEYS`.',
        },
      },
      parameters: PARAMETERS,
      headers: HEADERS,
    },
  };
}

const PARAMETERS = {
  JobId: {
    name: 'jobId',
    in: 'path',
    required: true,
    schema: jsonSchema(acceptedSchema.shape.jobId),
  },
  File: {
    name: 'file',
    in: 'path',
    required: true,
    description: 'The end of a link that the embedded Imgur gave.',
    schema: { type: 'string' },
    example: 'gAGub9k.jpg',
  },
  ImageId: {
    name: 'imageId',
    in: 'path',
    required: true,
    description: 'The name in a link, without its extension.',
    schema: { type: 'string' },
    example: 'gAGub9k',
  },
  AlbumId: {
    name: 'albumId',
    in: 'path',
    required: true,
    schema: { type: 'string' },
    example: '3gfxo2a',
  },
  Deletehash: {
    name: 'deletehash',
    in: 'path',
    required: true,
    description: 'Whoever knows it may delete what it is of.',
    schema: { type: 'string' },
    example: 'iIFJnFpVbYOvzvv',
  },
  Limit: { name: 'limit', in: 'query', schema: jsonSchema(limitSchema) },
  Format: {
    name: 'format',
    in: 'query',
    description: 'Goes before `Accept`.',
    schema: { type: 'string', enum: ['json', 'csv'] },
  },
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'The same key with the same request gives the same job again, for 24 hours and while the job is ' +
      'kept; with another request 422.',
    schema: jsonSchema(idempotencyKeySchema),
  },
};

const HEADERS = {
  RequestId: {
    description: 'Names the request; the `X-Request-Id` of the request, if it brought one.',
    schema: { type: 'string' },
  },
  Location: { description: 'The path of the new job.', schema: { type: 'string' } },
  AlbumLocation: { description: 'The page of the album.', schema: { type: 'string' } },
  RetryAfter: { description: 'Seconds to wait.', schema: { type: 'integer' } },
  WwwAuthenticate: { description: 'RFC 6750, section 3.', schema: { type: 'string' } },
};
