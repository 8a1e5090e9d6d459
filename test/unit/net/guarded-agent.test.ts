import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import ipaddr from 'ipaddr.js';
import { Cancellation } from '../../../lib/cancellation';
import { createGuard } from '../../../lib/net/guard';
import { createGuardedAgents, type GuardedAgentsOptions } from '../../../lib/net/guarded-agent';
import type { ConnectHooks } from '../../../lib/net/guarded-connection';
import { NetError, netFailureOf } from '../../../lib/net/net-error';
import { getByAgent } from '../../support/get-by-agent';
import { recordConnects } from './recording-connect';

const pem = (name: string) => readFileSync(path.join(__dirname, name), 'utf8');
const selfSigned = pem('self-signed.pem');
const expired = pem('expired.pem');
/** The one name that the certificates are for. */
const SECURE = 'secure.fixture.example.com';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function listen(server: net.Server): Promise<number> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const hello = (_request: unknown, response: http.ServerResponse) => response.end('hello');

/** Agents for which loopback is open and every name leads there, unless told otherwise. */
function agentsOf(options: Partial<GuardedAgentsOptions> = {}) {
  const agents = createGuardedAgents({
    guard: guardOf('127.0.0.0/8', '::1/128'),
    resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
    connectTimeoutMs: 5000,
    ...options,
  });
  closing.push(agents.destroy);
  return agents;
}

function guardOf(...cidrs: string[]) {
  return createGuard({
    allowedNetworks: cidrs.map((cidr) => ipaddr.parseCIDR(cidr)),
    allowedPorts: [80, 443],
    ownAddresses: () => [],
  });
}

/** Gives the body, or the error that the request failed with. */
function get(
  url: string,
  agents: ReturnType<typeof agentsOf>,
  hooks?: ConnectHooks,
): Promise<unknown> {
  return getByAgent(url, agents.agentFor(new URL(url)), hooks).catch((error: unknown) => error);
}

const never = () => Promise.reject(new Error('Expected no name to be resolved'));

describe('the guarded agents', () => {
  it('fetch by name, ask DNS once and use the connection again', async () => {
    const server = http.createServer(hello);
    const port = await listen(server);
    let connections = 0;
    const names: string[] = [];
    server.on('connection', () => (connections += 1));
    const agents = agentsOf({
      resolve: (name) => {
        names.push(name);
        return Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
      },
    });

    expect(await get(`http://a.example:${port}/1`, agents)).toBe('hello');
    expect(await get(`http://a.example:${port}/2`, agents)).toBe('hello');
    expect(names).toEqual(['a.example']);
    expect(connections).toBe(1);
  });

  it('fetch a literal address without asking DNS', async () => {
    const port = await listen(http.createServer(hello));
    expect(await get(`http://127.0.0.1:${port}/`, agentsOf({ resolve: never }))).toBe('hello');
  });

  it.each(['http:', 'https:'])('go on to the A record where %s on AAAA is dead', async (scheme) => {
    const options = { key: selfSigned, cert: selfSigned };
    const secure = scheme === 'https:';
    const port = await listen(
      secure ? https.createServer(options, hello) : http.createServer(hello),
    );
    const attempts: net.TcpNetConnectOpts[] = [];
    const agents = agentsOf({
      ca: selfSigned,
      resolve: () =>
        Promise.resolve([
          { address: '::1', family: 6 },
          { address: '127.0.0.1', family: 4 },
        ]),
      connect: (target, open) => {
        attempts.push(target);
        return open(target);
      },
    });

    expect(await get(`${scheme}//${SECURE}:${port}/`, agents)).toBe('hello');
    expect(attempts.map(({ host }) => host)).toEqual(['::1', '127.0.0.1']);
  });

  it('try no address of a family that the machine lacks', async () => {
    const { connect, targets } = recordConnects(await listen(http.createServer(hello)));
    const agents = agentsOf({
      guard: guardOf(),
      connect,
      ownAddresses: () => ['127.0.0.1', '::1', '10.0.0.7'],
      resolve: () =>
        Promise.resolve([
          { address: '2606:2800:21f::1', family: 6 },
          { address: '93.184.215.14', family: 4 },
        ]),
    });
    expect(await get('http://a.example/', agents)).toBe('hello');
    expect(targets).toEqual(['93.184.215.14']);
  });

  /** Sizes of the lists of idle sockets after requests to so many hosts at the same time. */
  async function idleAfter(hosts: number, requestsEach: number) {
    const waiting: http.ServerResponse[] = [];
    const requests = hosts * requestsEach;
    const port = await listen(
      http.createServer((_request, response) => {
        waiting.push(response);
        if (waiting.length === requests) for (const each of waiting) each.end('hello');
      }),
    );
    const agents = agentsOf();
    const urls = Array.from({ length: requests }, (_, n) => `http://host-${n % hosts}:${port}/`);
    const bodies = await Promise.all(urls.map((url) => get(url, agents)));
    expect(bodies).toEqual(urls.map(() => 'hello'));
    return Object.values(agents.agentFor(new URL('http://a/')).freeSockets).map(
      (sockets) => sockets ?? [],
    );
  }

  it('keep at most 8 idle sockets for one host, for 4 s', async () => {
    const [sockets] = await idleAfter(1, 12);
    expect(sockets!.map(({ timeout }) => timeout)).toEqual(Array(8).fill(4000));
  });

  it('keep at most 64 idle sockets in all', async () => {
    const sizes = (await idleAfter(9, 10)).map(({ length }) => length);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(64);
  });

  it('close an idle connection at once on which its host speaks unasked', async () => {
    const server = http.createServer(hello);
    const port = await listen(server);
    const connected = once(server, 'connection') as Promise<[net.Socket]>;
    const agents = agentsOf();
    await get(`http://a.example:${port}/`, agents);
    const [idle] = await connected;
    const closed = once(idle, 'close');
    const startedAt = performance.now();
    idle.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged');
    await closed;
    // It would be closed after 4 s in any case.
    expect(performance.now() - startedAt).toBeLessThan(2000);
    expect(await get(`http://a.example:${port}/`, agents)).toBe('hello');
  });

  it('close their sockets when they are destroyed', async () => {
    const server = http.createServer(hello);
    const port = await listen(server);
    const connected = once(server, 'connection') as Promise<[net.Socket]>;
    const agents = agentsOf();
    await get(`http://a.example:${port}/`, agents);
    const [socket] = await connected;

    const closed = once(socket, 'close');
    agents.destroy();
    await closed;
    expect(socket.destroyed).toBe(true);
  });
});

describe('the guarded agents tell of an address before they connect', () => {
  const named: [string, number][] = [];
  const note = (address: string, port: number): null => {
    named.push([address, port]);
    return null;
  };
  beforeEach(() => named.splice(0));

  it('of a name: the first that is judged to be open, in its usual spelling', async () => {
    const { connect } = recordConnects(await listen(http.createServer(hello)));
    const agents = agentsOf({
      guard: guardOf(),
      connect,
      ownAddresses: () => ['2001:db8::7', '192.0.2.7'],
      resolve: () =>
        Promise.resolve([
          { address: '10.0.0.1', family: 4 },
          { address: '2606:2800:0021:0:0::1', family: 6 },
          { address: '93.184.215.14', family: 4 },
        ]),
    });
    expect(await get('http://a.example/', agents, { onAddress: note })).toBe('hello');
    expect(named).toEqual([['2606:2800:21::1', 80]]);
  });

  it('of a literal address as well, but not where a connection is used again', async () => {
    const port = await listen(http.createServer(hello));
    const agents = agentsOf({ resolve: never });
    const url = `http://127.0.0.1:${port}/`;
    expect(await get(url, agents, { onAddress: note })).toBe('hello');
    expect(await get(url, agents, { onAddress: note })).toBe('hello');
    expect(named).toEqual([['127.0.0.1', port]]);
  });

  it('and end with what they are told, without a connection', async () => {
    const { connect, targets } = recordConnects(0);
    const busy = Object.assign(new Error('not now'), { name: 'SourceBusy' });
    const agents = agentsOf({ connect });
    expect(await get('http://a.example/', agents, { onAddress: () => busy })).toBe(busy);
    expect(targets).toEqual([]);
  });

  it('and keep nothing of the request with the connection', async () => {
    const port = await listen(http.createServer(hello));
    const agents = agentsOf();
    const hooks = { onAddress: note, cancellation: new Cancellation() };
    const agent = agents.agentFor(new URL('http://a/'));
    const createConnection = jest.spyOn(agent, 'createConnection');
    expect(await get(`http://a.example:${port}/`, agents, hooks)).toBe('hello');
    const kept = { host: 'a.example', onAddress: undefined, cancellation: undefined };
    expect(createConnection.mock.calls[0]?.[0]).toMatchObject(kept);
  });
});

describe('the guarded agents refuse', () => {
  it.each([
    ['a closed literal', 'http://10.0.0.1/', 'not_public'],
    ['a closed IPv6 literal', 'http://[::ffff:7f00:1]/', 'not_public'],
    ['a closed literal over https', 'https://169.254.169.254/', 'not_public'],
    ['a local name', 'http://metadata.google.internal/', 'local_name'],
    ['a closed port', 'http://example.com:22/', 'closed_port'],
  ])('%s before anything is resolved or connected', async (_title, url, kind) => {
    const { connect, targets } = recordConnects(0);
    const agents = agentsOf({ guard: guardOf(), resolve: never, connect });
    const error = await get(url, agents);

    expect(error).toMatchObject({ name: 'NetError', kind });
    expect(targets).toEqual([]);
  });

  it('a name on a port that is open for none of its addresses', async () => {
    const { connect, targets } = recordConnects(0);
    const resolve = () => Promise.resolve([{ address: '93.184.215.14', family: 4 }]);
    const agents = agentsOf({ guard: guardOf('10.0.0.0/8'), resolve, connect });
    expect(await get('http://a.example:9000/', agents)).toMatchObject({
      kind: 'closed_port',
      facts: { host: 'a.example' },
    });
    expect(targets).toEqual([]);
  });

  it('a name without addresses', async () => {
    const agents = agentsOf({ resolve: () => Promise.resolve([]) });
    expect(await get('http://a.example/', agents)).toMatchObject({
      kind: 'no_address',
      facts: { hostname: 'a.example' },
    });
  });

  it('with the very error of the resolver', async () => {
    const reason = new NetError('dns_silent', { hostname: 'a.example' });
    const agents = agentsOf({ resolve: () => Promise.reject(reason) });
    expect(await get('http://a.example/', agents)).toBe(reason);
  });
});

describe('the guarded agents over TLS', () => {
  async function secureServer(certificate: string) {
    const server = https.createServer({ key: certificate, cert: certificate }, hello);
    return { server, port: await listen(server) };
  }

  it('send the name and fetch where the certificate is trusted', async () => {
    const { server, port } = await secureServer(selfSigned);
    const connected = once(server, 'secureConnection') as Promise<[TLSSocket]>;
    const agents = agentsOf({ ca: selfSigned });
    expect(await get(`https://${SECURE}:${port}/`, agents)).toBe('hello');
    const [socket] = await connected;
    expect((socket as TLSSocket & { servername: string }).servername).toBe(SECURE);
  });

  it.each([
    ['self-signed', selfSigned, null, SECURE, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['expired', expired, expired, SECURE, 'CERT_HAS_EXPIRED'],
    [
      'for another name',
      selfSigned,
      selfSigned,
      'other.example.com',
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
    ['for a name only', selfSigned, selfSigned, '127.0.0.1', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('refuse a certificate that is %s', async (_title, certificate, ca, host, code) => {
    const { port } = await secureServer(certificate);
    const agents = agentsOf(ca === null ? {} : { ca });
    expect(netFailureOf(await get(`https://${host}:${port}/`, agents))).toEqual({
      kind: 'bad_certificate',
      facts: { code },
    });
  });

  it('resume the session of the connection before', async () => {
    const server = https.createServer({ key: selfSigned, cert: selfSigned }, (_request, response) =>
      response.writeHead(200, { connection: 'close' }).end('hello'),
    );
    const port = await listen(server);
    const resumed: boolean[] = [];
    server.on('secureConnection', (socket: TLSSocket) => resumed.push(socket.isSessionReused()));
    const agents = agentsOf({ ca: selfSigned });
    for (let n = 1; n <= 2; n += 1) {
      expect(await get(`https://${SECURE}:${port}/${n}`, agents)).toBe('hello');
    }
    expect(resumed).toEqual([false, true]);
  });

  it('check certificates whatever NODE_TLS_REJECT_UNAUTHORIZED says', () => {
    const agent = agentsOf().agentFor(new URL('https://a/'));
    // Node asks the variable only where this is left out.
    expect(agent).toHaveProperty('options.rejectUnauthorized', true);
  });

  it('fail where TLS cannot even be begun, and leave no connection', async () => {
    const server = net.createServer();
    const connected = once(server, 'connection') as Promise<[net.Socket]>;
    const port = await listen(server);
    const agents = agentsOf();
    const agent = agents.agentFor(new URL('https://a/')) as unknown as { options: object };
    Object.assign(agent.options, { ciphers: 'none-that-there-is' });
    expect(await get(`https://${SECURE}:${port}/`, agents)).toHaveProperty('code');
    const [socket] = await connected;
    if (!socket.closed) await once(socket.resume(), 'close');
    expect(socket.bytesRead).toBe(0);
  });

  it('refuse what does not speak TLS', async () => {
    const port = await listen(http.createServer(hello));
    const error = await get(`https://${SECURE}:${port}/`, agentsOf());
    expect(netFailureOf(error).kind).toBe('bad_tls');
  });
});

describe('a connection through the guarded agents', () => {
  const timedOut = (waitedFor: string) => ({
    kind: 'connect_timeout',
    facts: { timeoutMs: 100, waitedFor },
  });

  it('is given up where DNS takes too long', async () => {
    const agents = agentsOf({
      connectTimeoutMs: 100,
      resolve: () => new Promise(() => undefined),
    });
    expect(await get('http://a.example/', agents)).toMatchObject(timedOut('dns'));
  });

  it('is given up where TCP takes too long', async () => {
    const agents = agentsOf({
      connectTimeoutMs: 100,
      // One that was never told to connect is like one without an answer.
      connect: () => new net.Socket(),
    });
    expect(await get('http://127.0.0.1/', agents)).toMatchObject(timedOut('connection'));
  });

  it('is given up where the TLS handshake takes too long', async () => {
    const port = await listen(net.createServer());
    const agents = agentsOf({ connectTimeoutMs: 100 });
    const error = await get(`https://${SECURE}:${port}/`, agents);
    expect(error).toMatchObject(timedOut('tls'));
  });

  it('may take its time to answer once it is accepted', async () => {
    const connectTimeoutMs = 20;
    const port = await listen(
      http.createServer((_request, response) => {
        setTimeout(() => response.end('hello'), 3 * connectTimeoutMs);
      }),
    );
    expect(await get(`http://127.0.0.1:${port}/`, agentsOf({ connectTimeoutMs }))).toBe('hello');
  });

  it('is not opened any more once its request is cancelled amid DNS', async () => {
    const dns = new EventEmitter();
    const { connect, targets } = recordConnects(0);
    const agents = agentsOf({
      connect,
      resolve: async () => {
        dns.emit('question');
        await once(dns, 'answer');
        return [{ address: '127.0.0.1', family: 4 }];
      },
    });
    const asked = once(dns, 'question');
    const cancellation = new Cancellation();
    const cancelled = get('http://a.example/', agents, { cancellation });
    await asked;
    const reason = new Error('no longer wanted');
    cancellation.cancel(reason);
    expect(await cancelled).toBe(reason);

    dns.emit('answer');
    await new Promise((resolve) => setImmediate(resolve));
    expect(targets).toEqual([]);
  });

  it.each(['cancelled', 'destroyed with its agent'])(
    'is not opened any more once its request is %s amid TCP',
    async (how) => {
      const attempt = new net.Socket();
      const connecting = new EventEmitter();
      const agents = agentsOf({
        connect: () => {
          connecting.emit('attempt');
          return attempt;
        },
      });
      const begun = once(connecting, 'attempt');
      const cancellation = new Cancellation();
      const request = get('http://127.0.0.1/', agents, { cancellation });
      await begun;
      if (how === 'cancelled') cancellation.cancel(new Error('no longer wanted'));
      else agents.destroy();
      expect(await request).toBeInstanceOf(Error);
      expect(attempt.destroyed).toBe(true);
    },
  );

  it('that is refused fails as such', async () => {
    const server = net.createServer();
    const port = await listen(server);
    server.close();
    await once(server, 'close');
    const error = await get(`http://a.example:${port}/`, agentsOf());
    expect(netFailureOf(error)).toEqual({ kind: 'refused', facts: { code: 'ECONNREFUSED' } });
  });

  it.each([
    ['is reset', null, 'broken'],
    ['answers other than HTTP', 'SSH-2.0-OpenSSH_9.9\r\n\r\n', 'bad_http'],
    [
      'has 40 KB of headers',
      `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(40_000)}\r\n\r\n`,
      'large_headers',
    ],
  ])('that %s fails with its reason', async (_title, answer, kind) => {
    const port = await listen(
      net.createServer((socket) => {
        socket.on('error', () => undefined);
        if (answer === null) socket.resetAndDestroy();
        else socket.end(answer);
      }),
    );
    expect(netFailureOf(await get(`http://a.example:${port}/`, agentsOf())).kind).toBe(kind);
  });
});
