import * as examples from './openapi-examples';
import {
  ANY,
  headerRef,
  html,
  json,
  KEY_REUSED,
  NEW_JOB,
  parameterRef,
  problem,
  REQUEST_ID,
  response,
  schemaRef,
  UNAUTHORIZED,
  UNAVAILABLE,
  UNKNOWN_JOB,
  type JsonObject,
} from './openapi-responses';

/** What is open to everybody, also where keys are set. */
const OPEN = { security: [{}] };

/** Every call of the API: the one table of its paths, methods and answers. */
export const OPERATIONS = {
  '/v1/images/upload': {
    post: {
      operationId: 'createUpload',
      tags: ['Jobs'],
      summary: 'Submit a list of image URLs',
      description: 'Answers at once. Every URL ends as complete or failed with a reason.',
      parameters: [parameterRef('IdempotencyKey')],
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: schemaRef('UploadRequest'),
            example: examples.requestExample,
          },
        },
      },
      responses: {
        ...ANY,
        ...UNAUTHORIZED,
        ...NEW_JOB,
        400: problem(
          400,
          'The body is not as expected; every bad item is named.',
          {},
          examples.badItemsExample,
        ),
        413: problem(413, 'The body is over 1 MiB, or has more URLs than a job may have.'),
        415: problem(415, 'Expected the Content-Type application/json, got another one.'),
        ...KEY_REUSED,
        ...UNAVAILABLE,
      },
    },
    get: {
      operationId: 'listUploads',
      tags: ['Jobs'],
      summary: 'List the newest jobs',
      parameters: [parameterRef('Limit')],
      responses: {
        200: json('The jobs, with counts.', 'JobList', examples.jobListExample),
        ...ANY,
        ...UNAUTHORIZED,
      },
    },
  },
  '/v1/images/upload/{jobId}': {
    parameters: [parameterRef('JobId')],
    get: {
      operationId: 'getUpload',
      tags: ['Jobs'],
      summary: 'See a job',
      responses: {
        200: json('The job: its state, its sources and its links.', 'Job', examples.jobExample),
        ...ANY,
        ...UNAUTHORIZED,
        ...UNKNOWN_JOB,
      },
    },
    delete: {
      operationId: 'cancelUpload',
      tags: ['Jobs'],
      summary: 'Cancel a job',
      description:
        'Images under way are aborted; they and the pending ones end as failed with `cancelled`. ' +
        'Completed ones stay, and a complete job is left as it is.',
      responses: {
        200: json('The job, which is complete now.', 'Job', examples.cancelledExample),
        ...ANY,
        ...UNAUTHORIZED,
        ...UNKNOWN_JOB,
      },
    },
  },
  '/v1/images/upload/{jobId}/images': {
    parameters: [parameterRef('JobId')],
    get: {
      operationId: 'getUploadImages',
      tags: ['Jobs'],
      summary: 'See each image of a job',
      parameters: [parameterRef('Format')],
      responses: {
        200: response(
          'All that is known of each image; as CSV (RFC 4180) by `Accept` or `format`.',
          {
            'application/json': { schema: schemaRef('Images'), example: examples.imagesExample },
            'text/csv': { schema: { type: 'string' }, example: examples.csvExample },
          },
        ),
        ...ANY,
        ...UNAUTHORIZED,
        ...UNKNOWN_JOB,
      },
    },
  },
  '/v1/images/upload/{jobId}/album': {
    parameters: [parameterRef('JobId')],
    post: {
      operationId: 'createAlbum',
      tags: ['Jobs'],
      summary: 'Make an album of what a complete job has uploaded',
      description: 'In the order of submission. Without an `Idempotency-Key`, twice makes two.',
      parameters: [parameterRef('IdempotencyKey')],
      requestBody: {
        required: false,
        content: {
          'application/json': { schema: schemaRef('AlbumRequest'), example: { title: 'Nebulae' } },
        },
      },
      responses: {
        201: json('The album.', 'Album', examples.albumExample, {
          Location: headerRef('AlbumLocation'),
        }),
        ...ANY,
        ...UNAUTHORIZED,
        ...UNKNOWN_JOB,
        409: problem(409, 'The job is not complete, or has no upload.'),
        413: problem(413, 'The body is over 1 MiB.'),
        415: problem(415, 'Expected the Content-Type application/json, got another one.'),
        ...KEY_REUSED,
        502: problem(502, 'Imgur refuses; the detail has its reason.'),
        503: problem(503, "Imgur's limits pause this job's credential.", {
          'Retry-After': headerRef('RetryAfter'),
        }),
      },
    },
  },
  '/v1/images/upload/{jobId}/retry': {
    parameters: [parameterRef('JobId')],
    post: {
      operationId: 'retryUpload',
      tags: ['Jobs'],
      summary: 'Submit the failed URLs of a complete job again',
      parameters: [parameterRef('IdempotencyKey')],
      responses: {
        ...ANY,
        ...UNAUTHORIZED,
        ...NEW_JOB,
        ...UNKNOWN_JOB,
        409: problem(409, 'The job is not complete, or none of its images failed.'),
        ...KEY_REUSED,
        ...UNAVAILABLE,
      },
    },
  },
  '/v1/images': {
    get: {
      operationId: 'listImages',
      tags: ['Images'],
      summary: 'List every link of every job',
      responses: {
        200: json('The links.', 'Links', examples.linksExample),
        ...ANY,
        ...UNAUTHORIZED,
      },
    },
  },
  '/v1/images/{imageId}': {
    parameters: [parameterRef('ImageId')],
    delete: {
      operationId: 'deleteImage',
      tags: ['Images'],
      summary: 'Delete an upload at Imgur',
      description:
        'With the credential of the job that uploaded it. Its link leaves the lists, and the details ' +
        'of its job say `deleted`.',
      responses: {
        204: { description: 'It is deleted.', headers: REQUEST_ID },
        ...ANY,
        ...UNAUTHORIZED,
        404: problem(404, 'There is no upload of this name here, or not any more.'),
        502: problem(502, 'Imgur refuses; the detail has its reason, and nothing is forgotten.'),
      },
    },
  },
  '/embedded/{file}': {
    parameters: [parameterRef('File')],
    get: {
      operationId: 'getEmbeddedImage',
      tags: ['Images'],
      summary: 'A picture that the embedded Imgur keeps',
      ...OPEN,
      responses: {
        200: response('The picture.', { 'image/*': {} }),
        ...ANY,
        404: problem(404, 'There is no such picture; the embedded Imgur drops the oldest.'),
      },
    },
  },
  '/embedded/a/{albumId}': {
    parameters: [parameterRef('AlbumId')],
    get: {
      operationId: 'getEmbeddedAlbum',
      tags: ['Images'],
      summary: 'The page of an album that the embedded Imgur keeps',
      ...OPEN,
      responses: { 200: html('The album.'), ...ANY, 404: html('There is no such album.') },
    },
  },
  '/embedded/delete/{deletehash}': {
    parameters: [parameterRef('Deletehash')],
    get: {
      operationId: 'askDeleteEmbedded',
      tags: ['Images'],
      summary: 'The page that asks whether to delete what the embedded Imgur keeps',
      ...OPEN,
      responses: { 200: html('The question.'), ...ANY, 404: html('There is nothing to delete.') },
    },
    post: {
      operationId: 'deleteEmbedded',
      tags: ['Images'],
      summary: 'Delete what the embedded Imgur keeps',
      ...OPEN,
      responses: { 200: html('It is deleted.'), ...ANY, 404: html('There is nothing to delete.') },
    },
  },
  '/health': {
    get: {
      operationId: 'getHealth',
      tags: ['Service'],
      summary: 'Whether work is taken, how much there is, and which Imgur gets it',
      ...OPEN,
      responses: {
        200: json('Work is taken.', 'Health', examples.healthExample),
        ...ANY,
        503: json('A stop has begun.', 'Health', examples.drainingExample),
      },
    },
  },
  '/ready': {
    get: {
      operationId: 'getReadiness',
      tags: ['Service'],
      summary: 'Whether new images can be expected to succeed',
      description:
        'For whoever sends work here or elsewhere; whether the process is well is what `/health` says. ' +
        'It may be asked often: Imgur itself is looked at once a minute at most while it answers.',
      ...OPEN,
      responses: {
        200: json('They can.', 'Ready', examples.readyExample),
        ...ANY,
        503: problem(
          503,
          'A stop has begun, Imgur cannot be reached, or Imgur refuses the credential.',
          { 'Retry-After': headerRef('RetryAfter') },
        ),
      },
    },
  },
  '/metrics': {
    get: {
      operationId: 'getMetrics',
      tags: ['Service'],
      summary: 'The figures of the service for Prometheus',
      responses: {
        200: response('The text format of Prometheus, version 0.0.4.', {
          'text/plain': { schema: { type: 'string' }, example: examples.metricsExample },
        }),
        ...ANY,
        ...UNAUTHORIZED,
      },
    },
  },
  '/openapi.json': {
    get: {
      operationId: 'getDescription',
      tags: ['Service'],
      summary: 'This description',
      ...OPEN,
      responses: {
        200: response('An OpenAPI 3.1 document.', {
          'application/json': { schema: { type: 'object' } },
        }),
        ...ANY,
      },
    },
  },
  '/': {
    get: {
      operationId: 'getPage',
      tags: ['Service'],
      summary: 'The web page',
      ...OPEN,
      responses: {
        200: response('The page.', { 'text/html': { schema: { type: 'string' } } }),
        304: { description: 'The page is what `If-None-Match` names.', headers: REQUEST_ID },
        ...ANY,
      },
    },
  },
} as const satisfies Record<string, JsonObject>;
