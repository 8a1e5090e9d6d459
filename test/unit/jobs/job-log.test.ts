import { RelayError } from '../../../lib/errors';
import { createJobLog, type JobLog } from '../../../lib/jobs/job-log';
import { MemoryJobs } from '../../../lib/jobs/memory-jobs';
import type { Outcome } from '../../../lib/jobs/relay';
import { createLogger, type Logger } from '../../../lib/logger';
import { logLines } from '../../support/log-lines';
import { claimNext } from '../../support/settle-next';

const SOURCE = 'https://a.example/1.png?sig=s3cret-signature#part';
const COMPLETE = {
  type: 'complete',
  link: 'https://i.imgur.com/gAGub9k.png',
  bytes: 1234,
  mime: 'image/png',
  durationMs: 7.4,
} as const;

const BOUNDS = { maxQueuedImages: 10, maxFinishedImages: 10, maxLinks: 10 };
const LIMITS = { concurrency: 1, concurrencyPerSource: 1 };

async function claimOne() {
  const jobs = new MemoryJobs({ ...BOUNDS, ...LIMITS, credentialOf: () => 'default' });
  await jobs.create({ urls: [SOURCE], clientId: null });
  return claimNext(jobs);
}

async function settleOne(log: Logger): Promise<string> {
  const claim = await claimOne();
  createJobLog(log).imageEnded((await claim.settle(COMPLETE))!, null);
  return claim.jobId;
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

describe('an attempt that ends after its image had', () => {
  const tell = async (outcome: Outcome) => {
    const { log, lines } = logLines();
    const claim = await claimOne();
    const jobLog: JobLog = createJobLog(log);
    jobLog.endedTooLate(claim, outcome);
    return { lines, fields: { jobId: claim.jobId, url: 'https://a.example/1.png?sig=***' } };
  };

  it('leaves link and deletehash in the log, which nothing else shows', async () => {
    const { link, bytes } = COMPLETE;
    const uploaded = { link, deletehash: '1NV90wWpO691n05', bytes, type: 'image/png' };
    const { lines, fields } = await tell({ kind: 'uploaded', ...uploaded });
    const { deletehash } = uploaded;
    expect(lines).toMatchObject([{ level: 'warn', ...fields, link, deletehash }]);
  });

  it('says so where Imgur may have the image, and nothing where it has not', async () => {
    const error = new RelayError('cancelled', 'Cancelled.');
    const { lines, fields } = await tell({ kind: 'failed', error, possibleDuplicate: true });
    expect(lines).toMatchObject([{ level: 'warn', ...fields, possibleDuplicate: true }]);
    expect((await tell({ kind: 'failed', error })).lines).toEqual([]);
  });
});
