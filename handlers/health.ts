import { jsonAnswer } from '../lib/http/answer';
import { apiFunction } from '../lib/http/api-function';
import type { HealthView } from '../lib/http/schemas';

/** `GET /health`: whether work is taken, how much of it there is, and which Imgur gets it. */
export const handler = apiFunction({ open: true }, async ({ app }) => {
  const { pending, inProgress } = await app.store.counts();
  const view: HealthView = {
    status: app.draining ? 'draining' : 'ok',
    imgur: app.config.imgurApiUrl ?? 'embedded',
    pending,
    inFlight: inProgress,
    pausedUntil: app.gate.pausedUntil(),
    ...(app.embedded ? { samples: [...app.embedded.samples] } : {}),
  };
  return jsonAnswer(app.draining ? 503 : 200, view);
});
