import { jsonTextAnswer } from '../lib/http/answer';
import { apiFunction } from '../lib/http/api-function';

/** `GET /v1/images`: every link of every job. */
export const handler = apiFunction({}, async ({ app }) =>
  jsonTextAnswer(200, await app.links.read()),
);
