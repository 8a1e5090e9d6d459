import { jsonAnswer } from '../lib/http/answer';
import { apiFunction } from '../lib/http/api-function';

/** `GET /v1/images`: every link of every job. */
export const handler = apiFunction({}, async ({ app }) =>
  jsonAnswer(200, { uploaded: await app.store.links() }),
);
