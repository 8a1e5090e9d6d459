import { createInProcessInvoker } from '../../../lib/jobs/invoke-async';
import { logLines } from '../../support/log-lines';

describe('the in-process invoker', () => {
  it('returns before the function runs, and hands it a copy of the event', async () => {
    const invoker = createInProcessInvoker(logLines().log);
    const seen: unknown[] = [];
    const event = { jobId: 'one' };
    await invoker.invoke(
      { name: 'f', handler: (given) => Promise.resolve(seen.push(given)) },
      event,
    );
    expect(seen).toEqual([]);
    event.jobId = 'changed';
    await invoker.settled();
    expect(seen).toEqual([{ jobId: 'one' }]);
  });

  it('gives each invocation a context of its own', async () => {
    const invoker = createInProcessInvoker(logLines().log);
    const ids = new Set<string>();
    const target = {
      name: 'process-upload',
      handler: (_event: object, context: { awsRequestId: string; functionName: string }) => {
        expect(context.functionName).toBe('process-upload');
        return Promise.resolve(ids.add(context.awsRequestId));
      },
    };
    await invoker.invoke(target, {});
    await invoker.invoke(target, {});
    await invoker.settled();
    expect(ids.size).toBe(2);
  });

  it.each([
    ['rejects', () => Promise.reject(new Error('broken'))],
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
  ])('logs a function that %s and throws nothing', async (_how, handler) => {
    const { log, lines } = logLines();
    const invoker = createInProcessInvoker(log);
    await invoker.invoke({ name: 'f', handler }, {});
    await invoker.settled();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ level: 'error', function: 'f', error: { message: 'broken' } });
  });

  it('is settled only when the last invocation has ended', async () => {
    const invoker = createInProcessInvoker(logLines().log);
    let finish = (): void => undefined;
    let settled = false;
    let done: Promise<unknown> = Promise.resolve();
    await new Promise<void>((begun) => {
      const handler = (): Promise<void> => {
        begun();
        return new Promise((resolve) => (finish = resolve));
      };
      void invoker.invoke({ name: 'f', handler }, {});
      done = invoker.settled().then(() => (settled = true));
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(settled).toBe(false);
    finish();
    await done;
    expect(settled).toBe(true);
  });
});
