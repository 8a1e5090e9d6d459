import { collectDefaultMetrics, type Registry } from 'prom-client';
import { watchEventLoopDelay } from './event-loop-delay';

/**
 * What prom-client gives beside what is of use here: gauges with the ending of a counter, which say
 * no more than `nodejs_active_resources` by type, and the event loop's sampling interval as its lag.
 */
const LEFT_OUT = [
  'nodejs_active_resources_total',
  'nodejs_active_handles',
  'nodejs_active_handles_total',
  'nodejs_active_requests',
  'nodejs_active_requests_total',
  ...['', '_min', '_max', '_mean', '_stddev', '_p50', '_p90', '_p99'].map(
    (statistic) => `nodejs_eventloop_lag${statistic}_seconds`,
  ),
];
/** About as seldom as a timer can: what it samples is left out. */
const NEVER_MS = 2_147_483_647;

/** Adds the figures of the process: memory, CPU, event loop, garbage collection. */
export function watchProcess(register: Registry, prefix: string): void {
  collectDefaultMetrics({ register, eventLoopMonitoringPrecision: NEVER_MS });
  for (const name of LEFT_OUT) register.removeSingleMetric(name);
  watchEventLoopDelay(`${prefix}event_loop_delay_seconds`, register);
}
