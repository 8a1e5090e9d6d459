import { z } from 'zod';
import { albumRequestSchema } from './album-request';
import type { JsonObject } from './openapi-responses';
import {
  acceptedSchema,
  albumSchema,
  healthSchema,
  imagesSchema,
  jobListSchema,
  jobSchema,
  linksSchema,
  problemSchema,
  readySchema,
} from './schemas';
import { uploadRequestSchema } from './upload-request';

/** The bodies of the API by their names in the document: `json` and `schemaRef` take these names. */
const NAMED = {
  UploadRequest: uploadRequestSchema,
  AlbumRequest: albumRequestSchema,
  Album: albumSchema,
  Accepted: acceptedSchema,
  Job: jobSchema,
  Images: imagesSchema,
  JobList: jobListSchema,
  Links: linksSchema,
  Health: healthSchema,
  Ready: readySchema,
  Problem: problemSchema,
} as const satisfies Record<string, z.ZodType>;

export type SchemaName = keyof typeof NAMED;

/** Every schema of the document, as JSON. */
export function schemas(maxUrlsPerJob: number): JsonObject {
  const byName = Object.entries(NAMED).map(([name, schema]) => [name, jsonSchema(schema)]);
  const all = Object.fromEntries(byName) as Record<SchemaName, JsonObject>;
  // This limit is a setting, so it is judged before the schema, with a status of its own.
  const { urls } = all.UploadRequest['properties'] as { urls: JsonObject };
  urls['maxItems'] = maxUrlsPerJob;
  return all;
}

/** JSON Schema 2020-12, which is what OpenAPI 3.1 speaks. */
export function jsonSchema(schema: z.ZodType): JsonObject {
  const json: JsonObject = z.toJSONSchema(schema, {
    override: ({ jsonSchema: made }) => {
      // The format says the same as its pattern, and says it to people too.
      if (made.format === 'uuid') delete made.pattern;
    },
  });
  // OpenAPI names the dialect once for the whole document.
  delete json['$schema'];
  return json;
}
