import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import ipaddr from 'ipaddr.js';
import { RelayError } from '../../../lib/errors';
import { connectionError } from '../../../lib/net/connection-error';
import { createGuard } from '../../../lib/net/guard';
import { createGuardedAgents, type GuardedAgentsOptions } from '../../../lib/net/guarded-agent';
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
  signal?: AbortSignal,
): Promise<unknown> {
  return getByAgent(url, agents.agentFor(new URL(url)), signal).catch((error: unknown) => error);
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

  it('answer a lookup for one address as well as one for all', async () => {
    const port = await listen(http.createServer(hello));
    const agents = agentsOf({
      connect: (options, open) => open({ ...options, autoSelectFamily: false }),
    });
    expect(await get(`http://a.example:${port}/`, agents)).toBe('hello');
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
    expect(attempts).toHaveLength(1);
    // One that neither answers nor refuses is given up early enough for 15 more.
    expect(attempts[0]).toMatchObject({ autoSelectFamily: true });
    expect(attempts[0]!.autoSelectFamilyAttemptTimeout! * 16).toBeLessThanOrEqual(5000);
  });

  it('end every request although sockets are limited and none can be opened', async () => {
    const resolve = () => Promise.reject(new RelayError('dns_failed', 'No address.'));
    const agents = agentsOf({ resolve, maxSockets: 1 });
    const errors = await Promise.all([1, 2, 3].map((n) => get(`http://a.example/${n}`, agents)));
    expect(errors.map((error) => (error as RelayError).code)).toEqual(Array(3).fill('dns_failed'));
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

describe('the guarded agents refuse', () => {
  it.each([
    ['a closed literal', 'http://10.0.0.1/', 'blocked_address'],
    ['a closed IPv6 literal', 'http://[::ffff:7f00:1]/', 'blocked_address'],
    ['a closed literal over https', 'https://169.254.169.254/', 'blocked_address'],
    ['a local name', 'http://metadata.google.internal/', 'blocked_address'],
    ['a closed port', 'http://example.com:22/', 'blocked_port'],
  ])('%s before anything is resolved or connected', async (_title, url, code) => {
    const { connect, targets } = recordConnects(0);
    const agents = agentsOf({ guard: guardOf(), resolve: never, connect });
    const error = await get(url, agents);

    expect(error).toMatchObject({ name: 'RelayError', code, retryable: false });
    expect(targets).toEqual([]);
  });

  it('a name on a port that is open for none of its addresses', async () => {
    const { connect, targets } = recordConnects(0);
    const resolve = () => Promise.resolve([{ address: '93.184.215.14', family: 4 }]);
    const agents = agentsOf({ guard: guardOf('10.0.0.0/8'), resolve, connect });
    expect(await get('http://a.example:9000/', agents)).toMatchObject({ code: 'blocked_port' });
    expect(targets).toEqual([]);
  });

  it('a name without addresses', async () => {
    const agents = agentsOf({ resolve: () => Promise.resolve([]) });
    expect(await get('http://a.example/', agents)).toMatchObject({ code: 'dns_failed' });
  });

  it('with the very error of the resolver', async () => {
    const reason = new RelayError('dns_failed', 'No address.', { maxAttempts: 2 });
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
    expect(connectionError(await get(`https://${host}:${port}/`, agents))).toMatchObject({
      code: 'tls_error',
      retryable: false,
      message: `The source's certificate is not valid (${code}).`,
    });
  });

  it('check certificates whatever NODE_TLS_REJECT_UNAUTHORIZED says', () => {
    const agent = agentsOf().agentFor(new URL('https://a/'));
    // Node asks the variable only where this is left out.
    expect(agent).toHaveProperty('options.rejectUnauthorized', true);
  });

  it('refuse what does not speak TLS', async () => {
    const port = await listen(http.createServer(hello));
    const error = await get(`https://${SECURE}:${port}/`, agentsOf());
    expect(connectionError(error).code).toBe('tls_error');
  });
});

describe('a connection through the guarded agents', () => {
  const timedOut = {
    code: 'download_timeout',
    retryable: true,
    message: 'The source did not accept a connection within 0.1 s.',
  };

  it('is given up where DNS takes too long', async () => {
    const agents = agentsOf({
      connectTimeoutMs: 100,
      resolve: () => new Promise(() => undefined),
    });
    expect(await get('http://a.example/', agents)).toMatchObject(timedOut);
  });

  it('is given up where TCP takes too long', async () => {
    const agents = agentsOf({
      connectTimeoutMs: 100,
      // For the socket, a lookup without end is like a handshake without end.
      connect: (target, open) => open({ ...target, host: 'a.example', lookup: () => undefined }),
    });
    expect(await get('http://127.0.0.1/', agents)).toMatchObject(timedOut);
  });

  it('is given up where the TLS handshake takes too long', async () => {
    const port = await listen(net.createServer());
    const agents = agentsOf({ connectTimeoutMs: 100 });
    const error = await get(`https://${SECURE}:${port}/`, agents);
    expect(error).toMatchObject(timedOut);
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

  it('is not opened any more once the request is aborted', async () => {
    const server = http.createServer(hello);
    const port = await listen(server);
    let connections = 0;
    server.on('connection', () => (connections += 1));
    const dns = new EventEmitter();
    const opened: net.Socket[] = [];
    const agents = agentsOf({
      connect: (target, open) => {
        const socket = open(target);
        opened.push(socket);
        return socket;
      },
      resolve: async (name) => {
        dns.emit('question');
        if (name === 'a.example') await once(dns, 'answer');
        return [{ address: '127.0.0.1', family: 4 }];
      },
    });
    const asked = once(dns, 'question');
    const abort = new AbortController();
    const aborted = get(`http://a.example:${port}/`, agents, abort.signal);
    await asked;
    abort.abort();
    expect(await aborted).toMatchObject({ name: 'AbortError' });
    await once(opened[0]!, 'close');

    dns.emit('answer');
    expect(await get(`http://b.example:${port}/`, agents)).toBe('hello');
    expect(connections).toBe(1);
  });

  it('that is refused fails without naming the address', async () => {
    const server = net.createServer();
    const port = await listen(server);
    server.close();
    await once(server, 'close');
    const reason = connectionError(await get(`http://a.example:${port}/`, agentsOf()));
    expect(reason).toMatchObject({ code: 'connection_failed', retryable: true });
    expect(reason.message).toBe('The source refused the connection.');
  });

  it.each([
    ['is reset', null, 'connection_failed'],
    ['answers other than HTTP', 'SSH-2.0-OpenSSH_9.9\r\n\r\n', 'bad_response'],
    ['has 40 KB of headers', `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(40_000)}\r\n\r\n`, 'bad_response'],
  ])('that %s fails with its reason', async (_title, answer, code) => {
    const port = await listen(
      net.createServer((socket) => {
        socket.on('error', () => undefined);
        if (answer === null) socket.resetAndDestroy();
        else socket.end(answer);
      }),
    );
    expect(connectionError(await get(`http://a.example:${port}/`, agentsOf())).code).toBe(code);
  });
});
