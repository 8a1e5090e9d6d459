import * as examples from './openapi-examples';
import {
  ALBUM_LOCATION,
  ANY,
  html,
  json,
  KEY_REUSED,
  NEW_JOB,
  parameters,
  problem,
  REQUEST_ID,
  response,
  RETRY_AFTER,
  schemaRef,
  STORE_AWAY,
  UNAUTHORIZED,
  UNAVAILABLE,
  UNKNOWN_JOB,
  type JsonObject,
} from './openapi-responses';

/** Every call of the API, by path and method. This is the one table of routes: `ROUTES` is made of it. */
export const OPERATIONS: Readonly<Record<string, JsonObject>> = {
  '/v1/images/upload': {
    post: keyed('Jobs', 'createUpload', 'Submit a list of image URLs', {
      description: 'Answers at once. Every URL ends as complete or failed with a reason.',
      ...parameters('IdempotencyKey'),
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
        ...NEW_JOB,
        ...problem(400, 'The body is not as expected; every bad item is named.', {
          example: examples.badItemsExample,
        }),
        ...problem(413, 'The body is over 1 MiB, or has more URLs than a job may have.'),
        ...problem(415, 'Expected the Content-Type application/json, got another one.'),
        ...KEY_REUSED,
        ...UNAVAILABLE,
      },
    }),
    get: keyed('Jobs', 'listUploads', 'List the newest jobs', {
      ...parameters('Limit'),
      responses: { 200: json('The jobs, with counts.', 'JobList', examples.jobListExample) },
    }),
  },
  '/v1/images/upload/{jobId}': {
    ...parameters('JobId'),
    get: keyed('Jobs', 'getUpload', 'See a job', {
      responses: {
        200: json('The job: its state, its sources and its links.', 'Job', examples.jobExample),
        ...UNKNOWN_JOB,
      },
    }),
    delete: keyed('Jobs', 'cancelUpload', 'Cancel a job', {
      description:
        'Images under way are aborted; they and the pending ones end as failed with `cancelled`. ' +
        'Completed ones stay, and a complete job is left as it is.',
      responses: {
        200: json('The job, which is complete now.', 'Job', examples.cancelledExample),
        ...UNKNOWN_JOB,
      },
    }),
  },
  '/v1/images/upload/{jobId}/images': {
    ...parameters('JobId'),
    get: keyed('Jobs', 'getUploadImages', 'See each image of a job', {
      ...parameters('Format'),
      responses: {
        200: response(
          'All that is known of each image; as CSV (RFC 4180) where that is asked for.',
          {
            'application/json': { schema: schemaRef('Images'), example: examples.imagesExample },
            'text/csv': { schema: { type: 'string' }, example: examples.csvExample },
          },
        ),
        ...UNKNOWN_JOB,
      },
    }),
  },
  '/v1/images/upload/{jobId}/album': {
    ...parameters('JobId'),
    post: keyed('Jobs', 'createAlbum', 'Make an album of what a complete job has uploaded', {
      description: 'In the order of submission. Without an `Idempotency-Key`, twice makes two.',
      ...parameters('IdempotencyKey'),
      requestBody: {
        required: false,
        content: {
          'application/json': { schema: schemaRef('AlbumRequest'), example: { title: 'Nebulae' } },
        },
      },
      responses: {
        201: json('The album.', 'Album', examples.albumExample, ALBUM_LOCATION),
        ...UNKNOWN_JOB,
        ...problem(409, 'The job is not complete, or has no upload.'),
        ...problem(413, 'The body is over 1 MiB.'),
        ...problem(415, 'Expected the Content-Type application/json, got another one.'),
        ...KEY_REUSED,
        ...problem(502, 'Imgur refuses; the detail has its reason.'),
        ...problem(503, "Imgur's limits pause this job's credential.", RETRY_AFTER),
      },
    }),
  },
  '/v1/images/upload/{jobId}/retry': {
    ...parameters('JobId'),
    post: keyed('Jobs', 'retryUpload', 'Submit the failed URLs of a complete job again', {
      ...parameters('IdempotencyKey'),
      responses: {
        ...NEW_JOB,
        ...UNKNOWN_JOB,
        ...problem(409, 'The job is not complete, or none of its images failed.'),
        ...KEY_REUSED,
        ...UNAVAILABLE,
      },
    }),
  },
  '/v1/images': {
    get: keyed('Images', 'listImages', 'List every link of every job', {
      responses: { 200: json('The links.', 'Links', examples.linksExample) },
    }),
  },
  '/v1/images/{imageId}': {
    ...parameters('ImageId'),
    delete: keyed('Images', 'deleteImage', 'Delete an upload at Imgur', {
      description:
        'With the credential of the job that uploaded it. Its link leaves the lists, and the details ' +
        'of its job say `deleted`.',
      responses: {
        204: { description: 'It is deleted.', headers: REQUEST_ID },
        ...problem(404, 'There is no upload of this name here, or not any more.'),
        ...problem(502, 'Imgur refuses; the detail has its reason, and nothing is forgotten.'),
      },
    }),
  },
  '/embedded/{file}': {
    ...parameters('File'),
    get: open('Images', 'getEmbeddedImage', 'A picture that the embedded Imgur keeps', {
      responses: {
        200: response('The picture.', { 'image/*': {} }),
        ...problem(404, 'There is no such picture; the embedded Imgur drops the oldest.'),
      },
    }),
  },
  '/embedded/a/{albumId}': {
    ...parameters('AlbumId'),
    get: open('Images', 'getEmbeddedAlbum', 'The page of an album that the embedded Imgur keeps', {
      responses: { 200: html('The album.'), 404: html('There is no such album.') },
    }),
  },
  '/embedded/delete/{deletehash}': {
    ...parameters('Deletehash'),
    get: open('Images', 'askDeleteEmbedded', 'The page that asks whether to delete an upload', {
      responses: { 200: html('The question.'), 404: html('There is nothing to delete.') },
    }),
    post: open('Images', 'deleteEmbedded', 'Delete what the embedded Imgur keeps', {
      responses: { 200: html('It is deleted.'), 404: html('There is nothing to delete.') },
    }),
  },
  '/health': {
    get: open(
      'Service',
      'getHealth',
      'Whether work is taken, how much there is, and which Imgur gets it',
      {
        responses: {
          200: json('The process is well.', 'Health', examples.healthExample),
          503: json('A stop has begun.', 'Health', examples.drainingExample),
        },
      },
    ),
  },
  '/ready': {
    get: open('Service', 'getReadiness', 'Whether new images can be expected to succeed', {
      description:
        'For whoever sends work here or elsewhere; whether the process is well is what `/health` says. ' +
        'It may be asked often: Imgur itself is looked at once a minute at most while it answers.',
      responses: {
        200: json('They can.', 'Ready', examples.readyExample),
        ...problem(
          503,
          'A stop has begun, Imgur cannot be reached, or Imgur refuses the credential.',
          RETRY_AFTER,
        ),
      },
    }),
  },
  '/metrics': {
    get: keyed('Service', 'getMetrics', 'The figures of the service for Prometheus', {
      responses: {
        200: response('The text format of Prometheus, version 0.0.4.', {
          'text/plain': { schema: { type: 'string' }, example: examples.metricsExample },
        }),
      },
    }),
  },
  '/openapi.json': {
    get: open('Service', 'getDescription', 'This description', {
      responses: {
        200: response('An OpenAPI 3.1 document.', {
          'application/json': { schema: { type: 'object' } },
        }),
      },
    }),
  },
  '/': {
    get: open('Service', 'getPage', 'The web page', {
      responses: {
        200: response('The page.', { 'text/html': { schema: { type: 'string' } } }),
        304: { description: 'The page is what `If-None-Match` names.', headers: REQUEST_ID },
      },
    }),
  },
};

interface Details extends JsonObject {
  readonly responses: JsonObject;
}

/** A call that needs a key, where keys are set. */
function keyed(tag: string, operationId: string, summary: string, details: Details): JsonObject {
  // What is about the service itself is answered without the jobs as well.
  const away = tag === 'Service' ? {} : STORE_AWAY;
  const responses = { ...ANY, ...UNAUTHORIZED, ...away, ...details.responses };
  return { operationId, tags: [tag], summary, ...details, responses };
}

/** A call that is open to everybody, also where keys are set. */
function open(tag: string, operationId: string, summary: string, details: Details): JsonObject {
  const responses = { ...ANY, ...details.responses };
  return { operationId, tags: [tag], summary, security: [{}], ...details, responses };
}
