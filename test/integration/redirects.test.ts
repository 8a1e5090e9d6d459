import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Cancellation } from '../../lib/cancellation';
import type { RelayError } from '../../lib/errors';
import { createDownload } from '../../lib/images/download';
import { createGuard } from '../../lib/net/guard';
import { createGuardedAgents } from '../../lib/net/guarded-agent';
import { NetError } from '../../lib/net/net-error';
import { picture } from '../support/pictures';
import { recordConnects } from '../unit/net/recording-connect';

interface Row {
  url: string;
  expect: 'allow' | 'block';
  why: string;
}
const FILE = path.join(__dirname, '../fixtures/vectors/urls.jsonl');
const rows = fs
  .readFileSync(FILE, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Row)
  .filter(({ why }) => why.startsWith('[fixture http'));

/** What every redirect that is refused is refused for; the others bring the picture. */
const REFUSED: Record<string, string> = {
  'redirect to metadata': 'blocked_address',
  'redirect to localhost': 'blocked_address',
  'redirect keeps method': 'blocked_address',
  'redirect to IPv6 loopback': 'blocked_address',
  'cross-protocol redirect to private': 'blocked_address',
  'scheme-relative Location': 'blocked_address',
  'credentials in Location': 'bad_redirect',
  'scheme change': 'bad_redirect',
  'redirect to a denied port': 'blocked_port',
  'redirect to a name with a private A record': 'blocked_address',
  'redirect to decimal loopback': 'blocked_address',
  'redirect to 0': 'blocked_address',
  'loop; report': 'too_many_redirects',
  'over the limit of 5': 'too_many_redirects',
  'report bad_redirect': 'bad_redirect',
};

const REDIR = '93.184.215.14';
const CDN = '93.184.215.15';
const NAMES: Record<string, string> = {
  'redir.fixture.example.com': REDIR,
  'cdn.fixture.example.com': CDN,
  'example.com': '93.184.215.16',
  'private-a.fixture.example.com': '10.0.0.5',
};
const PEM = fs.readFileSync(path.join(__dirname, '../unit/net/self-signed.pem'), 'utf8');
/** The one name that the certificate is for. */
const CERTIFIED = 'secure.fixture.example.com';
const PICTURE = picture('palette.png');

/** The host of the vectors: redirects as its paths and queries say. */
function redirect(request: http.IncomingMessage, response: http.ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://redir.fixture.example.com');
  const to = url.searchParams.get('to');
  const [, kind = '', count] = url.pathname.split('/');
  const left = Number(count) - 1;
  if (/^30\d$/.test(kind)) response.writeHead(Number(kind), { location: to ?? '' }).end();
  else if (kind === 'loop') response.writeHead(302, { location: '/loop' }).end();
  else if (kind === 'nolocation') response.writeHead(302).end();
  else if (kind === 'chain' && left >= 0) {
    response.writeHead(302, { location: left > 0 ? `/chain/${left}` : '/a.png' }).end();
  } else {
    const refresh = kind === 'refresh' ? { refresh: `0;url=${to}` } : {};
    response.writeHead(200, { 'content-length': PICTURE.length, ...refresh }).end(PICTURE);
  }
}

describe('redirects through the real download', () => {
  const servers = [
    http.createServer(redirect),
    https.createServer({ key: PEM, cert: PEM }, redirect),
  ];
  let ports: number[] = [];
  let requests: string[] = [];
  for (const server of servers) {
    server.on('request', ({ url }: http.IncomingMessage) => requests.push(url ?? ''));
  }

  beforeAll(async () => {
    for (const server of servers) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    }
    ports = servers.map((server) => (server.address() as AddressInfo).port);
  });
  afterAll(() => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  });

  /** Fetches a URL; every target that a socket was opened for is told, and none is reached. */
  async function download(url: string) {
    requests = [];
    const guard = createGuard({
      allowedNetworks: [],
      allowedPorts: [80, 443],
      ownAddresses: () => [],
    });
    const plain = recordConnects(ports[0]!);
    const secure = recordConnects(ports[1]!);
    const agents = createGuardedAgents({
      guard,
      ca: PEM,
      connectTimeoutMs: 5000,
      resolve: (name) => {
        const address = NAMES[name];
        if (address === undefined) return Promise.reject(new NetError('no_address'));
        return Promise.resolve([{ address, family: 4 }]);
      },
      connect: (target, open) => (target.port === 443 ? secure : plain).connect(target, open),
    });
    const secureAgent = agents.agentFor({ protocol: 'https:' }) as unknown as { options: object };
    Object.assign(secureAgent.options, { servername: CERTIFIED });
    const open = createDownload({
      judgeUrl: (target) => guard.judgeUrl(target),
      agentFor: (target) => agents.agentFor(target),
      userAgent: 'test',
      maxImageBytes: 1_000_000,
    });
    try {
      const { body, url: found } = await open(new URL(url), new Cancellation());
      const chunks: Buffer[] = [];
      for await (const chunk of body) chunks.push(chunk as Buffer);
      return { ends: Buffer.concat(chunks), found: found.href, targets: all() };
    } catch (error) {
      return { ends: (error as RelayError).code, error: error as RelayError, targets: all() };
    } finally {
      agents.destroy();
    }
    function all(): string[] {
      return [...new Set([...plain.targets, ...secure.targets])];
    }
  }

  const refused = rows.flatMap((row) => {
    const found = Object.entries(REFUSED).find(([title]) => row.why.includes(title));
    return found ? [{ ...row, code: found[1] }] : [];
  });
  const allowed = rows.filter((row) => row.expect === 'allow');

  it('are tested by every row of the vectors', () => {
    expect([rows.length, refused.length, allowed.length]).toEqual([18, 15, 3]);
    expect(refused.every((row) => row.expect === 'block')).toBe(true);
  });

  it.each(refused)('$why: $code', async ({ url, code }) => {
    const { ends, error, targets } = await download(url);
    expect(ends).toBe(code);
    expect(error).toMatchObject({ name: 'RelayError', retryable: false });
    // The host that redirects was asked; no socket was opened to where it leads.
    expect(targets).toEqual([REDIR]);
    expect(requests.length).toBeGreaterThan(0);
  });

  it.each(allowed)('$why', async ({ url, why }) => {
    const { ends, targets } = await download(url);
    expect(ends).toEqual(PICTURE);
    expect(targets).toEqual(why.includes('public https') ? [REDIR, CDN] : [REDIR]);
    // A Refresh header would have led to one more.
    expect(requests).toHaveLength(why.includes('Refresh') ? 1 : 2);
  });

  it('follow five hops and not a sixth', async () => {
    const five = await download('http://redir.fixture.example.com/chain/5');
    expect(five).toMatchObject({ ends: PICTURE, found: 'http://redir.fixture.example.com/a.png' });
    expect(requests).toHaveLength(6);
    await download('http://redir.fixture.example.com/chain/6');
    expect(requests).toHaveLength(6);
  });

  it.each([
    ['an empty one', '', 'bad_redirect'],
    ['one with a tab', 'http://example.com/\ta.png', 'bad_redirect'],
    ['one with a backslash', '/\\127.0.0.1/', 'bad_redirect'],
    ['one to a file', 'file:///etc/passwd', 'bad_redirect'],
  ])('refuse a Location that is none: %s', async (_what, to, code) => {
    const query = new URLSearchParams({ to }).toString();
    const { ends, targets } = await download(`http://redir.fixture.example.com/302?${query}`);
    expect(ends).toBe(code);
    expect(targets).toEqual([REDIR]);
  });
});
