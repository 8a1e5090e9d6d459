import { follow } from '../../../cli/follow';
import type { Progress } from '../../../cli/progress';
import { Refused, Unreachable, type ServiceClient } from '../../../cli/service-client';
import type { JobView } from '../../../lib/http/schemas';

const job = (id: string, complete: number, failed = 0): JobView => ({
  id,
  created: '2026-11-20T16:48:29.123Z',
  finished: null,
  status: complete + failed === 2 ? 'complete' : 'in-progress',
  uploaded: {
    pending: Array<string>(2 - complete - failed).fill('https://a/'),
    complete: Array<string>(complete).fill('https://i/'),
    failed: Array<string>(failed).fill('https://a/'),
  },
});

/** Follows jobs that are asked about once for each of `answers`; Ctrl-C is pressed before each answer. */
async function followed(
  answers: (JobView | Error)[],
  { interactive = true, replies = [] as (string | null)[], ids = ['one'] } = {},
) {
  const [bars, cancelled, lines, questions]: [Progress[], string[], string[], string[]] = [[], [], [], []]; // prettier-ignore
  const client = {
    job: () => {
      const answer = answers.shift()!;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    cancel: (id: string) => {
      cancelled.push(id);
      return Promise.resolve(job(id, 1, 1));
    },
  } as unknown as ServiceClient;
  const end = await follow(ids, {
    client,
    seen: new Map(),
    bar: { show: (progress) => bars.push(progress), clear: () => undefined },
    interrupts: {
      take: () => replies.length > 0,
      wait: () => Promise.resolve(),
      ask: (question) => {
        questions.push(question);
        return Promise.resolve(replies.shift() ?? null);
      },
      close: () => undefined,
    },
    interactive,
    print: (line) => lines.push(line),
  });
  return { end, bars, cancelled, lines, questions };
}

describe('a job that is followed', () => {
  it('is shown until it is complete', async () => {
    const { end, bars } = await followed([job('one', 0), job('one', 1), job('one', 1, 1)]);
    expect(end).toBe('done');
    expect(bars.map(({ total, complete, failed }) => [total, complete, failed])).toEqual([
      [2, 0, 0],
      [2, 1, 0],
      [2, 1, 1],
    ]);
  });

  it('is shown with the others of its run, and not asked about again once it is complete', async () => {
    const answers = [job('one', 2), job('two', 0), job('two', 1), job('two', 2)];
    const { bars } = await followed(answers, { ids: ['one', 'two'] });
    expect(bars.map(({ total, complete }) => [total, complete])).toEqual([
      [4, 2],
      [4, 3],
      [4, 4],
    ]);
  });

  it('survives a service that is away for a moment', async () => {
    const { end } = await followed([job('one', 1), new Unreachable('away'), job('one', 2)]);
    expect(end).toBe('done');
  });

  it('is lost when the service has forgotten it', async () => {
    const forgotten = new Refused(404, { detail: 'There is no job of this id.' }, null);
    await expect(followed([job('one', 1), forgotten])).rejects.toBe(forgotten);
  });

  describe('at Ctrl-C', () => {
    it('is cancelled for y, and followed to its end', async () => {
      const answers = [job('one', 1), job('one', 1, 1)];
      const { end, cancelled, lines, questions } = await followed(answers, { replies: ['y'] });
      expect([end, cancelled, lines]).toEqual(['done', ['one'], ['Cancelled.']]);
      expect(questions).toEqual(['Cancel the job? [y/N] (Ctrl-C again: leave it running) ']);
    });

    it.each(['n', '', 'what'])('goes on for %j', async (reply) => {
      const { end, cancelled } = await followed([job('one', 1), job('one', 2)], {
        replies: [reply],
      });
      expect([end, cancelled]).toEqual(['done', []]);
    });

    it('is left running at a second Ctrl-C', async () => {
      const { end, cancelled } = await followed([job('one', 1)], { replies: [null] });
      expect([end, cancelled]).toEqual(['left', []]);
    });

    it('is left running at once where nobody can be asked', async () => {
      const { end, questions } = await followed([job('one', 1)], {
        interactive: false,
        replies: ['y'],
      });
      expect([end, questions]).toEqual(['left', []]);
    });
  });
});
