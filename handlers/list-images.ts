import { jsonAnswer } from '../lib/http/answer';
import { apiFunction } from '../lib/http/api-function';
import type { LinksView } from '../lib/http/schemas';

/** `GET /v1/images`: every link of every job. */
export const handler = apiFunction({}, async ({ app }) => {
  const view: LinksView = { uploaded: await app.store.links() };
  return jsonAnswer(200, view);
});
