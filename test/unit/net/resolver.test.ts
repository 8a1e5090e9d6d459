import type { NetProblem } from '../../../lib/net/net-error';
import { createResolver } from '../../../lib/net/resolver';
import { type Answer, startDnsServer } from './dns-server';

const SERVFAIL = 2;
const REFUSED = 5;

async function withDns(
  names: Record<string, Answer>,
  run: (
    resolve: ReturnType<typeof createResolver>,
    dns: { questions: string[] },
  ) => Promise<unknown>,
  timeoutMs = 3000,
): Promise<void> {
  const dns = await startDnsServer(names);
  try {
    await run(createResolver({ timeoutMs, servers: [dns.address] }), dns);
  } finally {
    dns.close();
  }
}

describe('the resolver', () => {
  it('asks for A and AAAA once each and gives both families in turn, IPv6 first', async () => {
    await withDns(
      { 'both.example': { a: ['192.0.2.1', '192.0.2.2'], aaaa: ['2001:db8::1'] } },
      async (resolve, dns) => {
        expect(await resolve('both.example')).toEqual([
          { address: '2001:db8::1', family: 6 },
          { address: '192.0.2.1', family: 4 },
          { address: '192.0.2.2', family: 4 },
        ]);
        expect(dns.questions.toSorted()).toEqual(['A both.example', 'AAAA both.example']);
      },
    );
  });

  it.each<[string, Answer, string]>([
    ['there is no AAAA record', { a: ['192.0.2.1'] }, '192.0.2.1'],
    ['there is no A record', { aaaa: ['2001:db8::1'] }, '2001:db8::1'],
    ['the name server is silent about AAAA', { a: ['192.0.2.1'], aaaa: 'silence' }, '192.0.2.1'],
    ['the name server is silent about A', { a: 'silence', aaaa: ['2001:db8::1'] }, '2001:db8::1'],
  ])('is content with one family where %s', async (_title, answer, address) => {
    await withDns(
      { 'one.example': answer },
      async (resolve) => {
        expect((await resolve('one.example')).map((found) => found.address)).toEqual([address]);
      },
      400,
    );
  });

  it('does not wait for the time-out of AAAA once A has answered', async () => {
    await withDns(
      { 'slow.example': { a: ['192.0.2.1'], aaaa: 'silence' } },
      async (resolve) => {
        // With a time-out of a minute, the test would end before the resolver did.
        expect(await resolve('slow.example')).toHaveLength(1);
      },
      60_000,
    );
  });

  it('does not go on asking for AAAA then', async () => {
    await withDns(
      {
        'slow.example': { a: ['192.0.2.1'], aaaa: 'silence' },
        'silent.example': { a: 'silence', aaaa: 'silence' },
      },
      async (resolve, dns) => {
        await resolve('slow.example');
        // Takes 900 ms and asks again after 300: so would the first name have, meanwhile.
        await expect(resolve('silent.example')).rejects.toMatchObject({ kind: 'dns_silent' });
        const asked = (question: string) => dns.questions.filter((each) => each === question);
        expect(asked('AAAA silent.example').length).toBeGreaterThan(1);
        expect(asked('AAAA slow.example')).toHaveLength(1);
      },
      900,
    );
  });

  it.each<[string, Record<string, Answer>, NetProblem]>([
    ['the name does not exist', {}, 'no_address'],
    ['the name has no address', { 'gone.example': {} }, 'no_address'],
    ['the name server fails', { 'gone.example': { responseCode: SERVFAIL } }, 'dns_silent'],
    ['the name server refuses', { 'gone.example': { responseCode: REFUSED } }, 'dns_silent'],
    [
      'the name server is silent',
      { 'gone.example': { a: 'silence', aaaa: 'silence' } },
      'dns_silent',
    ],
  ])('tells silence from an answer where %s', async (_title, names, kind) => {
    await withDns(
      names,
      async (resolve) => {
        await expect(resolve('gone.example')).rejects.toMatchObject({
          name: 'NetError',
          kind,
          facts: { hostname: 'gone.example' },
        });
      },
      200,
    );
  });

  it('gives at most 16 addresses, of both families', async () => {
    const a = Array.from({ length: 12 }, (_, index) => `192.0.2.${index + 1}`);
    const aaaa = Array.from({ length: 12 }, (_, index) => `2001:db8::${index + 1}`);
    await withDns({ 'many.example': { a, aaaa } }, async (resolve) => {
      const families = (await resolve('many.example')).map(({ family }) => family);
      expect(families.filter((family) => family === 4)).toHaveLength(8);
      expect(families.filter((family) => family === 6)).toHaveLength(8);
    });
  });

  it.each(['localhost', 'a.localhost'])('knows %s without asking anyone', async (name) => {
    await withDns({}, async (resolve, dns) => {
      expect((await resolve(name)).map(({ address }) => address)).toEqual(['127.0.0.1', '::1']);
      expect(dns.questions).toEqual([]);
    });
  });
});
