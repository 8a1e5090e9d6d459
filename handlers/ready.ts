import { jsonAnswer } from '../lib/http/answer';
import { apiFunction } from '../lib/http/api-function';
import { HttpProblem } from '../lib/http/http-problem';
import type { ReadyView } from '../lib/http/schemas';

/** About the shortest time after which the reason may have passed, in seconds. */
const RETRY_AFTER_S = 10;

/** `GET /ready`: whether new images can be expected to succeed; for who sends work here or elsewhere. */
export const handler = apiFunction({ open: true }, async ({ app }) => {
  const reason = await app.unready();
  if (reason !== null) {
    throw new HttpProblem(503, reason, { headers: { 'retry-after': String(RETRY_AFTER_S) } });
  }
  const view: ReadyView = { status: 'ready' };
  return jsonAnswer(200, view);
});
