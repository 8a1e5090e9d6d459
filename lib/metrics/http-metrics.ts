import { Histogram, type Registry } from 'prom-client';
import { ROUTES } from '../http/routes';

/** One request that has been answered, or given up by who asked. */
export interface HttpExchange {
  readonly method: string;
  /** The template of the path; null for a path that is none of ours. */
  readonly route: string | null;
  /** Null where the caller left before there was one. */
  readonly status: number | null;
  readonly durationMs: number;
}

/** From an idle answer to what a person would call slow. Seconds. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const METHODS = new Set(['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS']);
const SUBMIT = { method: 'POST', route: '/v1/images/upload' };

/**
 * Counts answers by method, route and status, and how long they took. Whatever a caller may invent
 * is `other`, so that nobody can make the number of series grow.
 */
export function createHttpMetrics(
  name: string,
  registry: Registry,
): (exchange: HttpExchange) => void {
  const durations = new Histogram({
    name,
    help: 'Time from the head of a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers: [registry],
  });
  // What alerts ask for is there from the start, so that its first time is seen as an increase.
  for (const status of ['202', '500', '503']) durations.zero({ ...SUBMIT, status });

  return ({ method, route, status, durationMs }) => {
    const labels = {
      method: METHODS.has(method) ? method : 'other',
      route: ROUTES.some(({ path }) => path === route) ? (route ?? 'other') : 'other',
      status: status === null ? 'aborted' : String(status),
    };
    durations.observe(labels, durationMs / 1000);
  };
}
