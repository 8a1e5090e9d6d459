import { Registry } from 'prom-client';
import { watchEventLoopDelay } from '../../../lib/metrics/event-loop-delay';
import { createMetrics } from '../../../lib/metrics/metrics';
import { samplesOf } from '../../support/samples-of';

const NAME = 'image_relay_event_loop_delay_seconds';

describe('the delay of the event loop', () => {
  it('is how late samples are, and not the time between them', async () => {
    const registry = new Registry();
    let resets = 0;
    watchEventLoopDelay(NAME, registry, {
      percentile: (at) => (at === 50 ? 49_938_432 : 60_250_000),
      max: 1_050_000_000,
      reset: () => (resets += 1),
    });
    const samples = samplesOf(await registry.metrics());
    expect(samples.get(`${NAME}{statistic="p50"}`)).toBe(0);
    expect(samples.get(`${NAME}{statistic="p99"}`)).toBeCloseTo(0.01025, 9);
    expect(samples.get(`${NAME}{statistic="max"}`)).toBeCloseTo(1, 9);
    expect(resets).toBe(1);
  });

  it('stands for the one of prom-client, whose lag is the interval', async () => {
    const metrics = createMetrics();
    metrics.watchProcess();
    const { text } = await metrics.read();
    expect(text).toContain(`${NAME}{statistic="p99"}`);
    expect(text).toContain('process_resident_memory_bytes');
    expect(text).not.toContain('eventloop_lag');
  });
});
