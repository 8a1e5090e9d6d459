import { createActiveJob } from '../../../lib/jobs/active-job';
import { MemoryJobStore } from '../../../lib/jobs/memory-job-store';
import { createSettleImage } from '../../../lib/jobs/settle-image';
import { createLogger, type Logger } from '../../../lib/logger';
import { logLines } from '../../support/log-lines';

const SOURCE = 'https://a.example/1.png?sig=s3cret-signature#part';
const COMPLETE = {
  type: 'complete',
  link: 'https://i.imgur.com/gAGub9k.png',
  bytes: 1234,
  mime: 'image/png',
  durationMs: 7.4,
} as const;

async function settleOne(log: Logger): Promise<string> {
  const bounds = { maxQueuedImages: 10, maxFinishedImages: 10, maxLinks: 10 };
  const store = new MemoryJobStore(bounds);
  const { id } = await store.create({ urls: [SOURCE], clientId: null });
  await store.update(id, 0, { type: 'start' });
  const job = createActiveJob((await store.get(id))!, 'default');
  const settle = createSettleImage({ store, log, settled: () => undefined });
  await settle(job, 0, COMPLETE, null);
  return id;
}

describe('the line of a complete image', () => {
  it('says where it came from, where it went and what it was, without query values', async () => {
    const { log, lines } = logLines();
    const jobId = await settleOne(log);
    const { time, ...line } = lines.find(({ message }) => message === 'image complete')!;
    expect(typeof time).toBe('string');
    expect(line).toEqual({
      level: 'info',
      jobId,
      url: 'https://a.example/1.png?sig=***',
      link: 'https://i.imgur.com/gAGub9k.png',
      bytes: 1234,
      type: 'image/png',
      attempt: 1,
      durationMs: 7,
      message: 'image complete',
    });
  });

  it.each([
    ['info', ['image complete', 'job complete']],
    ['warn', []],
  ] as const)('at LOG_LEVEL=%s: %j', async (level, expected) => {
    const messages: unknown[] = [];
    const write = (line: string): void =>
      void messages.push((JSON.parse(line) as { message: string }).message);
    await settleOne(createLogger(level, { write }));
    expect(messages).toEqual(expected);
  });
});
