import type http from 'node:http';
import { routeOf } from '../lib/http/routes';
import type { HttpExchange } from '../lib/metrics/http-metrics';

export interface AnswerWatch {
  /**
   * A connection was answered and ended without the response of a request.
   *
   * @param response of the request that was coming in, if there was one.
   */
  refused(status: number, response?: http.ServerResponse): void;
}

/** Tells of every request once its answer has gone out, whoever gives it. */
export function watchAnswers(
  server: http.Server,
  tell: (exchange: HttpExchange) => void,
): AnswerWatch {
  const refusals = new WeakMap<http.ServerResponse, number>();
  // First of all, so that the time of whoever answers is counted.
  for (const event of ['request', 'checkContinue', 'checkExpectation']) {
    server.prependListener(event, watch);
  }

  function watch(
    { method = '', url = '' }: http.IncomingMessage,
    response: http.ServerResponse,
  ): void {
    const startedAt = performance.now();
    response.once('close', () => {
      const [path = ''] = url.split('?', 1);
      const given = response.headersSent ? response.statusCode : null;
      tell({
        method,
        // The gateway takes one slash off the end.
        route: routeOf(path.replace(/(.)\/$/, '$1')),
        status: refusals.get(response) ?? given,
        durationMs: performance.now() - startedAt,
      });
    });
  }

  return {
    refused(status, response) {
      if (response) refusals.set(response, status);
      else tell({ method: '', route: null, status, durationMs: 0 });
    },
  };
}
