import { apiFunction } from '../lib/http/api-function';

/** `GET /metrics`: the figures of the service for Prometheus. Behind the keys, where there are any. */
export const handler = apiFunction({ ofWorkers: true }, async ({ app }) => {
  const { contentType, text } = await app.metrics.read();
  return { statusCode: 200, headers: { 'content-type': contentType }, body: text };
});
