import type http from 'node:http';
import { routeOf } from '../lib/http/routes';
import type { HttpExchange } from '../lib/metrics/http-metrics';

/**
 * Tells of every request once its answer has gone out, those that the gateway itself refuses
 * included.
 */
export function watchAnswers(server: http.Server, tell: (exchange: HttpExchange) => void): void {
  // First of all, so that the time of whoever answers is counted.
  server.prependListener('request', ({ method = '', url = '' }, response) => {
    const startedAt = performance.now();
    response.once('close', () => {
      const [path = ''] = url.split('?', 1);
      tell({
        method,
        // The gateway takes one slash off the end.
        route: routeOf(path.replace(/(.)\/$/, '$1')),
        status: response.headersSent ? response.statusCode : null,
        durationMs: performance.now() - startedAt,
      });
    });
  });
}
