import { z } from 'zod';
import { REASONS, type ReasonCode } from '../errors';

/**
 * The bodies that the API answers with. Types and description are made from them; that the answers
 * keep to them is checked where types cannot see it, over HTTP by the tests.
 */

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const time = z.string().regex(ISO_TIME).meta({ format: 'date-time' });
const jobId = z.uuid().meta({ description: 'Names the job; unguessable.' });
const source = z.string().meta({ description: 'The URL of a source, as it was submitted.' });
const link = z.url().meta({ description: 'Where Imgur shows the picture.' });
const count = z.int().min(0);

const reasonCodes = Object.keys(REASONS) as [ReasonCode, ...ReasonCode[]];

const jobStatusSchema = z
  .enum(['pending', 'in-progress', 'complete'])
  .meta({ description: '`complete` once every image is complete or failed, even if all failed.' });

export const acceptedSchema = z.strictObject({ jobId });

export const jobSchema = z.strictObject({
  id: jobId,
  created: time,
  finished: time.nullable(),
  status: jobStatusSchema,
  uploaded: z
    .strictObject({
      pending: z.array(source).meta({ description: 'Those that wait, and those under way.' }),
      complete: z.array(link),
      failed: z.array(source),
    })
    .meta({ description: 'Each list keeps the order of submission.' }),
});

const imageErrorSchema = z.strictObject({
  code: z.enum(reasonCodes).meta({ description: 'Stable: for programs.' }),
  message: z.string().meta({ description: 'One sentence that a person can act on.' }),
  retryable: z.boolean().meta({ description: 'Whether another job could end differently.' }),
});

const imageSchema = z.strictObject({
  url: source,
  status: z.enum(['pending', 'in-progress', 'complete', 'failed', 'deleted']),
  link: link.nullable(),
  deletehash: z.string().nullable().meta({
    description: 'Whoever has it can delete the upload at Imgur, also without this service.',
  }),
  error: imageErrorSchema.nullable(),
  attempts: count,
  bytes: count.nullable(),
  type: z
    .string()
    .nullable()
    .meta({ description: 'The MIME type of what was uploaded, as its first bytes showed.' }),
  sourceType: z.string().nullable().meta({
    description:
      'The MIME type of what the source sent: another one where the picture was converted.',
  }),
  durationMs: z
    .number()
    .min(0)
    .nullable()
    .meta({ description: 'Time spent in all attempts, without the waiting between them.' }),
});

export const imagesSchema = z
  .strictObject({ images: z.array(imageSchema) })
  .meta({ description: 'In order of submission. What is not known yet is null.' });

export const albumSchema = z.strictObject({
  link: z.url().meta({ description: 'The page of the album.' }),
  deletehash: z
    .string()
    .nullable()
    .meta({ description: 'Whoever has it can delete the album at Imgur; its pictures stay.' }),
});

const jobListItemSchema = z.strictObject({
  id: jobId,
  created: time,
  finished: time.nullable(),
  status: jobStatusSchema,
  pending: count.meta({
    description: 'Images that are neither complete nor failed yet: they wait, or are under way.',
  }),
  complete: count,
  failed: count,
});

export const jobListSchema = z
  .strictObject({ jobs: z.array(jobListItemSchema) })
  .meta({ description: 'The newest first.' });

export const linksSchema = z
  .strictObject({ uploaded: z.array(link) })
  .meta({ description: 'Every link of every job, in the order in which the images completed.' });

export const healthSchema = z.strictObject({
  status: z.enum(['ok', 'draining', 'degraded']).meta({
    description: '`degraded` while the database is away: what is not known is null then.',
  }),
  imgur: z.string().meta({ description: "The base URL of Imgur's API, or `embedded`." }),
  pending: count
    .nullable()
    .meta({ description: 'Images that wait. Those under way are not among them.' }),
  inFlight: count.nullable().meta({ description: 'Images under way.' }),
  pausedUntil: time.nullable().meta({ description: 'Until when Imgur asked uploads to wait.' }),
  samples: z
    .array(z.url())
    .optional()
    .meta({ description: 'Pictures to try the embedded Imgur with.' }),
  store: z.enum(['memory', 'postgres']).meta({ description: 'Where jobs are kept.' }),
  instances: z
    .array(
      z.strictObject({
        id: z.uuid(),
        role: z.enum(['all', 'api', 'worker']),
        inFlight: count.meta({ description: 'Images under way there.' }),
        seen: time.meta({ description: 'When it last said that it lives: once a second.' }),
      }),
    )
    .nullable()
    .optional()
    .meta({ description: 'The processes on one database.' }),
});

export const readySchema = z.strictObject({ status: z.literal('ready') });

const inputProblemSchema = z.strictObject({
  pointer: z.string().meta({ description: 'Where the bad item is: an RFC 6901 JSON Pointer.' }),
  detail: z.string(),
});

export const problemSchema = z
  .strictObject({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    errors: z
      .array(inputProblemSchema)
      .max(100)
      .optional()
      .meta({ description: 'Every bad item of the request, up to the first 100.' }),
  })
  .meta({ description: 'Problem details (RFC 9457).' });

/** A job as the API shows it: sources as submitted, links as Imgur gave them, in their order. */
export type JobView = z.output<typeof jobSchema>;
export type ImagesView = z.output<typeof imagesSchema>;
export type AlbumView = z.output<typeof albumSchema>;
export type JobListItem = z.output<typeof jobListItemSchema>;
export type JobListView = z.output<typeof jobListSchema>;
export type LinksView = z.output<typeof linksSchema>;
export type HealthView = z.output<typeof healthSchema>;
export type ReadyView = z.output<typeof readySchema>;
export type AcceptedView = z.output<typeof acceptedSchema>;
/** RFC 9457 problem details. The type is always `about:blank`, so the title is the status's name. */
export type Problem = z.output<typeof problemSchema>;
