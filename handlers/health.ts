import { jsonAnswer } from '../lib/http/answer';
import { apiFunction } from '../lib/http/api-function';
import { healthView } from '../lib/http/health-view';

/** `GET /health`: whether work is taken, how much of it there is, and which Imgur gets it. */
export const handler = apiFunction({ open: true, ofWorkers: true }, async ({ app }) =>
  jsonAnswer(app.draining ? 503 : 200, await healthView(app)),
);
