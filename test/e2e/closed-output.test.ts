import { startService, type Service } from '../support/service';

jest.setTimeout(120_000);

describe('a service whose output nobody reads any more', () => {
  let service: Service;

  afterEach(async () => {
    service.signal('SIGKILL');
    await service.exited;
  });

  it('relays without one and without either, and ends well by SIGHUP', async () => {
    // At this level serverless-offline writes to standard error about every request.
    service = await startService({ SLS_LOG_LEVEL: 'info' });
    for (const closed of ['stdout', 'stderr'] as const) {
      service.closeReader(closed);
      // Two jobs, each with lines of log: the first of them finds out that nobody reads.
      for (let n = 1; n <= 2; n += 1) await relaySamples();
    }
    service.signal('SIGHUP');
    expect(await service.exited).toBe(0);
  });

  async function relaySamples(): Promise<void> {
    const health = await fetch(`${service.url}/health`);
    const { samples } = (await health.json()) as { samples: string[] };
    const id = await service.submit([...samples, 'http://169.254.169.254/']);
    const { uploaded } = await service.completed(id);
    expect(uploaded.complete).toHaveLength(samples.length);
    expect(uploaded.failed).toHaveLength(1);
  }

  it('ends well when the stop is what it would write first', async () => {
    service = await startService();
    service.closeReader('stdout');
    service.signal('SIGTERM');
    expect(await service.exited).toBe(0);
  });
});
