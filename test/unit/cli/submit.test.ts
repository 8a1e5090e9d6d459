import { Refused, type ServiceClient } from '../../../cli/service-client';
import { submit, type Submitted } from '../../../cli/submit';

/** A service that takes lists of up to `most` URLs, once `refusals` have been said. */
function serviceOf(most: number, refusals: Refused[] = []) {
  const requests: { urls: readonly string[]; onceKey: string }[] = [];
  const accepted: Submitted[] = [];
  const waits: number[] = [];
  const client = {
    submit: (urls: readonly string[], _clientId: string | null, onceKey: string) => {
      requests.push({ urls, onceKey });
      const refusal =
        refusals.shift() ?? (urls.length > most ? new Refused(413, {}, null) : undefined);
      return refusal
        ? Promise.reject(refusal)
        : Promise.resolve({ jobId: `job ${requests.length}` });
    },
  } as unknown as ServiceClient;
  const run = (count: number): Promise<void> =>
    submit(
      client,
      Array.from({ length: count }, (_, n) => ({ url: `https://a/${n}`, where: `list:${n + 1}` })),
      {
        clientId: null,
        onAccepted: (job) => accepted.push(job),
        onWait: (seconds) => waits.push(seconds),
      },
    );
  return { requests, accepted, waits, run };
}

describe('a submission', () => {
  it('is one job where that is allowed', async () => {
    const { run, accepted } = serviceOf(10);
    await run(10);
    expect(accepted).toMatchObject([{ id: 'job 1', urls: { length: 10 } }]);
  });

  it('is halved until it fits, in order and with nothing lost', async () => {
    const { run, requests, accepted } = serviceOf(3);
    await run(10);
    expect(accepted.map(({ urls }) => urls.length)).toEqual([3, 2, 3, 2]);
    const taken = requests.filter(({ urls }) => urls.length <= 3).flatMap(({ urls }) => urls);
    expect(taken).toEqual(Array.from({ length: 10 }, (_, n) => `https://a/${n}`));
  });

  it('waits for room in the queue as long as it is told to, and asks with the same key', async () => {
    const { run, requests, waits, accepted } = serviceOf(3, [
      new Refused(503, { detail: 'The queue is full.' }, 0),
    ]);
    await run(2);
    expect(waits).toEqual([0]);
    expect(accepted).toHaveLength(1);
    expect(new Set(requests.map(({ onceKey }) => onceKey)).size).toBe(1);
  });

  it('that is refused names each bad item by where it was given', async () => {
    const errors = [
      { pointer: '/urls/1', detail: 'Expected better' },
      { pointer: '/clientId', detail: 'Expected another' },
    ];
    const { run } = serviceOf(3, [
      new Refused(400, { detail: 'Two parts are bad.', errors }, null),
    ]);
    await expect(run(2)).rejects.toThrow(
      'Two parts are bad.\n  list:2: Expected better\n  /clientId: Expected another',
    );
  });

  it('that lacks a key says how to give one', async () => {
    const { run } = serviceOf(3, [new Refused(401, { detail: 'Expected a key.' }, null)]);
    await expect(run(1)).rejects.toThrow('Expected a key. Set IMAGE_RELAY_KEY, or give --key.');
  });
});
