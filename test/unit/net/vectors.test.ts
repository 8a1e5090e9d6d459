import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import path from 'node:path';
import type { ReasonCode } from '../../../lib/errors';
import { failureError, sourceError } from '../../../lib/images/source-errors';
import { createGuard } from '../../../lib/net/guard';
import { createGuardedAgents } from '../../../lib/net/guarded-agent';
import { NetError } from '../../../lib/net/net-error';
import { parseLocation, parseSourceUrl } from '../../../lib/net/source-url';
import { getByAgent } from '../../support/get-by-agent';
import { recordConnects } from './recording-connect';

interface Row {
  url: string;
  expect: 'allow' | 'block' | 'invalid';
  why: string;
}

const file = path.join(__dirname, '../../fixtures/vectors/urls.jsonl');
const rows = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);

/** What the row about the service itself resolves to. */
const OWN_ADDRESS = '93.184.215.20';
const guard = createGuard({
  allowedNetworks: [],
  allowedPorts: [80, 443],
  ownAddresses: () => [OWN_ADDRESS],
});

const dnsRows = rows.filter(({ why }) => why.startsWith('[fixture dns'));
const httpRows = rows.filter(({ why }) => why.startsWith('[fixture http'));
const textRows = rows.filter(({ why }) => !why.startsWith('[fixture'));

/** Ends as the text alone decides: a reason of the guard, `invalid`, or `open`. */
function judgeText(text: string): ReasonCode | 'invalid' | 'open' {
  const parsed = parseSourceUrl(text);
  if (!parsed.ok) return 'invalid';
  const refusal = guard.judgeUrl(parsed.url);
  return refusal ? failureError(refusal).code : 'open';
}

describe('the vectors that the text decides', () => {
  it.each(textRows)('$url: $expect ($why)', ({ url, expect: expected, why }) => {
    const blocked = why.startsWith('port rule') ? 'blocked_port' : 'blocked_address';
    const verdicts = { allow: 'open', invalid: 'invalid', block: blocked };
    expect(judgeText(url)).toBe(verdicts[expected]);
  });
});

describe('the vectors that DNS decides', () => {
  let server: http.Server;
  let port: number;
  let connections = 0;

  beforeAll(async () => {
    server = http.createServer((_request, response) => response.end('hello'));
    server.on('connection', () => (connections += 1));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    connections = 0;
  });

  /** The answers that a row names, one list for each time that DNS is asked. */
  function answersOf({ why }: Row): string[][] {
    const fixture = /^\[fixture dns: ([^\]]*)\]/.exec(why)?.[1] ?? '';
    const addresses = fixture.split(/[\s,]+/).filter((word) => isIP(word) !== 0);
    if (fixture.includes('own public address')) return [[OWN_ADDRESS]];
    return fixture.includes('2nd') ? addresses.map((address) => [address]) : [addresses];
  }

  async function fetchRow(row: Row) {
    const answers = answersOf(row);
    const { connect, targets } = recordConnects(port);
    let asked = 0;
    const agents = createGuardedAgents({
      guard,
      connectTimeoutMs: 5000,
      connect,
      resolve: () => {
        const answer = answers[asked] ?? [];
        asked += 1;
        if (answer.length === 0) return Promise.reject(new NetError('no_address'));
        return Promise.resolve(answer.map((address) => ({ address, family: isIP(address) })));
      },
    });
    try {
      // TLS ends in this test's plain server; what matters was judged before that.
      const url = row.url.replace(/^https:\/\/([^/]+)/, 'http://$1:443');
      const body = await getByAgent(url, agents.agentFor(new URL(url))).catch(
        (error: unknown) => sourceError(error).code,
      );
      return { body, targets, asked, connections };
    } finally {
      agents.destroy();
    }
  }

  const blocked = dnsRows.filter((row) => row.expect === 'block');
  const allowed = dnsRows.filter((row) => row.expect === 'allow');

  it.each(blocked)('$url: no socket is opened ($why)', async (row) => {
    const nxdomain = row.why.includes('NXDOMAIN');
    expect(judgeText(row.url)).toBe('open');
    expect(answersOf(row).flat().length > 0).toBe(!nxdomain);
    expect(await fetchRow(row)).toEqual({
      body: nxdomain ? 'dns_failed' : 'blocked_address',
      targets: [],
      asked: 1,
      connections: 0,
    });
  });

  it.each(allowed)('$url: only the public address is connected to ($why)', async (row) => {
    expect(judgeText(row.url)).toBe('open');
    expect(await fetchRow(row)).toEqual({
      body: 'hello',
      targets: ['93.184.215.14'],
      asked: 1,
      connections: 1,
    });
  });

  it('lead where a redirect ends at a private name', async () => {
    const row = httpRows.find(({ why }) => why.includes('private-a.fixture.example.com'))!;
    const { url } = dnsRows.find((each) => each.url.includes('private-a.fixture.example.com'))!;
    expect(row.expect).toBe('block');
    expect(await fetchRow({ ...row, url, why: '[fixture dns: -> 10.0.0.5]' })).toMatchObject({
      body: 'blocked_address',
      targets: [],
      connections: 0,
    });
  });
});

describe('the vectors that a redirect decides', () => {
  /** What the Location of each row is judged as; null where the row has none, or loops. */
  const LOCATIONS: Record<string, [location: string | null, verdict: string]> = {
    'redirect to metadata': ['http://169.254.169.254/latest/meta-data/', 'blocked_address'],
    'redirect to localhost': ['http://localhost/', 'blocked_address'],
    'redirect keeps method': ['http://10.0.0.1/', 'blocked_address'],
    'redirect to IPv6 loopback': ['http://[::1]/', 'blocked_address'],
    'cross-protocol redirect to private': ['https://127.0.0.1/', 'blocked_address'],
    'scheme-relative Location': ['//127.0.0.1/', 'blocked_address'],
    'credentials in Location': ['http://user:pw@example.com/a.png', 'invalid'],
    'scheme change': ['gopher://127.0.0.1:6379/_INFO', 'invalid'],
    'redirect to a denied port': ['http://example.com:22/', 'blocked_port'],
    // The name is for DNS to decide: see above.
    'redirect to a name with a private A record': ['http://private-a.fixture.example.com/', 'open'],
    'redirect to decimal loopback': ['http://2130706433/', 'blocked_address'],
    'redirect to 0': ['http://0/', 'blocked_address'],
    'relative redirect': ['/a.png', 'open'],
    'http->https must work': ['https://cdn.fixture.example.com/a.png', 'open'],
    'header ignored': [null, 'open'],
    // Every hop of these is open by itself; it is the count of hops that ends them.
    'loop; report': ['/loop', 'open'],
    'over the limit of 5': ['/chain/5', 'open'],
    'report bad_redirect': ['', 'invalid'],
  };

  const redirects = httpRows.map((row) => {
    const found = Object.entries(LOCATIONS).find(([title]) => row.why.includes(title));
    const [location, verdict] = found![1];
    const quoted = /Location: (.*?)\] /.exec(row.why)?.[1] ?? location;
    return { ...row, location, quoted, verdict };
  });

  it.each(redirects)('$url: $expect ($why)', ({ url, location, quoted, verdict }) => {
    expect(location).toBe(quoted);
    // The first hop itself may be fetched, or there would be no redirect.
    expect(judgeText(url)).toBe('open');
    const target = parseLocation(location ?? url, new URL(url));
    expect(target.ok ? judgeText(target.url.href) : 'invalid').toBe(verdict);
  });

  it('are judged here, but for two that the count of hops ends and one that DNS does', () => {
    const openHere = redirects.filter(({ verdict }) => verdict === 'open');
    expect(
      openHere.filter((row) => row.expect === 'block').map(({ location }) => location),
    ).toEqual(['http://private-a.fixture.example.com/', '/loop', '/chain/5']);
    const allowed = redirects.filter((row) => row.expect === 'allow');
    expect(allowed.map(({ verdict }) => verdict)).toEqual(['open', 'open', 'open']);
  });
});

describe('the file of vectors', () => {
  it('has 219 rows: 183 for the text, 18 for DNS, 18 for redirects, each tested once', () => {
    expect([textRows.length, dnsRows.length, httpRows.length]).toEqual([183, 18, 18]);
    expect(new Set([...textRows, ...dnsRows, ...httpRows]).size).toBe(219);
    expect(rows).toHaveLength(219);
  });
});
