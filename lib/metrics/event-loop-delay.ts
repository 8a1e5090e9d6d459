import { monitorEventLoopDelay, type RecordableHistogram } from 'node:perf_hooks';
import { Gauge, type Registry } from 'prom-client';

/** How often the delay is sampled: often enough to see what a caller would, and nearly free. */
const SAMPLE_MS = 50;

/** Nanoseconds between two samples. */
type Samples = Pick<RecordableHistogram, 'percentile' | 'max' | 'reset'>;

/**
 * Adds how late the event loop is, since it was read last. Node measures the time between two
 * samples (https://nodejs.org/api/perf_hooks.html#perf_hooksmonitoreventloopdelayoptions), so that
 * a loop with nothing to do would seem to be late by the interval: that is taken off.
 */
export function watchEventLoopDelay(
  name: string,
  registry: Registry,
  samples: Samples = watch(),
): void {
  const seconds = (betweenNs: number): number => Math.max(0, betweenNs / 1e9 - SAMPLE_MS / 1000);
  new Gauge({
    name,
    help: 'How late the event loop was since the last scrape: median, 99th percentile, worst.',
    labelNames: ['statistic'],
    registers: [registry],
    collect() {
      this.set({ statistic: 'p50' }, seconds(samples.percentile(50)));
      this.set({ statistic: 'p99' }, seconds(samples.percentile(99)));
      this.set({ statistic: 'max' }, seconds(samples.max));
      samples.reset();
    },
  });
}

function watch(): Samples {
  const samples = monitorEventLoopDelay({ resolution: SAMPLE_MS });
  samples.enable();
  return samples;
}
