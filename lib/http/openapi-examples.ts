import type { z } from 'zod';
import { imagesCsv } from './csv';
import type * as views from './schemas';
import type { uploadRequestSchema } from './upload-request';

/** One job seen through all calls. */
const ID = '55355b7c-9b86-4a1a-b32e-6cdd6db07183';
const SOURCES = ['https://farm3.staticflickr.com/2879/a.jpg', 'https://a.example/missing.png'];
const LINK = 'https://i.imgur.com/gAGub9k.jpg';
const CREATED = '2026-11-20T16:48:29.123Z';
const FINISHED = '2026-11-20T16:48:31.207Z';

export const requestExample: z.input<typeof uploadRequestSchema> = { urls: SOURCES };

export const acceptedExample: views.AcceptedView = { jobId: ID };

export const jobExample: views.JobView = {
  id: ID,
  created: CREATED,
  finished: null,
  status: 'in-progress',
  uploaded: { pending: [], complete: [LINK], failed: SOURCES.slice(1) },
};

export const cancelledExample: views.JobView = {
  ...jobExample,
  finished: FINISHED,
  status: 'complete',
};

export const imagesExample: views.ImagesView = {
  images: [
    {
      url: SOURCES[0] ?? '',
      status: 'complete',
      link: LINK,
      deletehash: '1NV90wWpO691n05',
      error: null,
      attempts: 1,
      bytes: 81_920,
      type: 'image/jpeg',
      sourceType: 'image/webp',
      durationMs: 412.5,
    },
    {
      url: SOURCES[1] ?? '',
      status: 'failed',
      link: null,
      deletehash: null,
      error: {
        code: 'source_status',
        message: 'The source answered with status 404.',
        retryable: false,
      },
      attempts: 1,
      bytes: null,
      type: null,
      sourceType: null,
      durationMs: 38.2,
    },
  ],
};

export const jobListExample: views.JobListView = {
  jobs: [
    {
      id: ID,
      created: CREATED,
      finished: FINISHED,
      status: 'complete',
      pending: 0,
      complete: 1,
      failed: 1,
    },
  ],
};

export const linksExample: views.LinksView = { uploaded: [LINK] };

export const healthExample: views.HealthView = {
  status: 'ok',
  imgur: 'https://api.imgur.com',
  pending: 12,
  inFlight: 32,
  pausedUntil: null,
  store: 'memory',
};

export const drainingExample: views.HealthView = { ...healthExample, status: 'draining' };

export const readyExample: views.ReadyView = { status: 'ready' };

export const metricsExample = [
  '# HELP image_relay_images_total Images that ended, by outcome and reason code.',
  '# TYPE image_relay_images_total counter',
  'image_relay_images_total{outcome="complete",code=""} 1',
  'image_relay_images_total{outcome="failed",code="source_status"} 1',
  '',
].join('\n');

export const badItemsExample: views.Problem = {
  type: 'about:blank',
  title: 'Bad Request',
  status: 400,
  detail: 'One part of the request is not as expected.',
  errors: [
    { pointer: '/urls/3', detail: 'Expected an absolute http or https URL, got "/cat.jpg"' },
  ],
};

export const albumExample: views.AlbumView = {
  link: 'https://imgur.com/a/3gfxo',
  deletehash: 'iIFJnFpVbYOvzvv',
};

export const csvExample = imagesCsv(imagesExample);
