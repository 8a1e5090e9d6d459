import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { openDoor, type Door, type DoorConfig } from '../../local/door';
import { awaitUntil } from '../support/await-until';
import { logLines, type LogLine } from '../support/log-lines';
import { connectRaw, type RawConnection } from '../support/raw-connection';

const ORIGIN = 'https://app.example';
const POST = 'POST /v1/images/upload HTTP/1.1\r\nhost: a\r\n';
const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`;

/** Head and body of the only answer in what came over a connection. */
function answerIn(text: string): { status: number; headers: Headers; body: string } {
  const [head = '', body = ''] = text.split('\r\n\r\n');
  const [status = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line) => line.split(': ') as [string, string]);
  return { status: Number(status.split(' ')[1]), headers: new Headers(headers), body };
}

describe('the door', () => {
  let door: Door | null = null;
  let lines: LogLine[] = [];
  let connections: RawConnection[] = [];
  /** Paths that were let in, and the responses that wait at `/held`. */
  let letIn: string[] = [];
  let held: http.ServerResponse[] = [];
  let answered: unknown[][] = [];

  async function open(settings: Partial<DoorConfig> = {}): Promise<void> {
    const logged = logLines();
    // Of this door alone: the one before may still have something to tell.
    const told: unknown[][] = [];
    answered = told;
    ({ lines } = logged);
    const config: DoorConfig = {
      host: '127.0.0.1',
      port: 0,
      requestTimeoutMs: 30_000,
      maxConnections: 1000,
      corsAllowedOrigins: [ORIGIN],
      ...settings,
    };
    const handle: http.RequestListener = (request, response) => {
      letIn.push(request.url ?? '');
      request.resume();
      if (request.url === '/held') held.push(response);
      else if (request.complete || request.method === 'GET') response.end('in');
      else request.once('end', () => response.end('in'));
    };
    door = await openDoor(config, logged.log, handle, ({ method, route, status }) => {
      told.push([method, route, status]);
    });
  }
  const connect = async (say = '', options = {}): Promise<RawConnection> => {
    const connection = await connectRaw(door?.port ?? 0, say, options);
    connections.push(connection);
    return connection;
  };

  afterEach(async () => {
    for (const { socket } of connections) socket.destroy();
    connections = [];
    letIn = [];
    held = [];
    await door?.close();
  });

  describe('refuses as a problem with a request id', () => {
    beforeEach(() => open());
    const expectRefused = (text: string, status: number): void => {
      const { headers, body, ...answer } = answerIn(text);
      expect(answer.status).toBe(status);
      expect(headers.get('content-type')).toBe('application/problem+json');
      expect(headers.get('x-request-id')).toMatch(/^[\x21-\x7e]+$/);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('vary')).toBe('origin');
      expect(JSON.parse(body)).toMatchObject({ type: 'about:blank', status });
      expect(letIn).toEqual([]);
    };

    it.each([
      ['what is no HTTP', 'hello\r\n\r\n', 400],
      ['another version of HTTP', 'GET / HTTP/9.9\r\nhost: a\r\n\r\n', 400],
      ['an unknown method', 'BREW / HTTP/1.1\r\nhost: a\r\n\r\n', 400],
      ['two lengths', `${POST}content-length: 5\r\ncontent-length: 6\r\n\r\n`, 400],
      ['headers that are too large', `GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
      ['a URL that is too large', get(`/${'x'.repeat(20_000)}`), 431],
      ['a tunnel', 'CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n', 405],
      ['an expectation', `${POST}expect: tea\r\ncontent-length: 5\r\n\r\n`, 417],
      [
        'a large body before it is sent',
        `${POST}expect: 100-continue\r\ncontent-length: 1048577\r\n\r\n`,
        413,
      ],
    ])('%s, and ends the connection', async (_what, text, status) => {
      expectRefused(await (await connect(text)).ended, status);
    });

    it.each([
      ['a request to no host', 'GET / HTTP/1.1\r\n\r\n', 400],
      ['a host that is none', 'GET / HTTP/1.1\r\nhost: a b\r\n\r\n', 400],
      ['a URL that is none', 'GET http://[ HTTP/1.1\r\nhost: a\r\n\r\n', 400],
      ['a body that is too large', `${POST}content-length: 1048577\r\n\r\n`, 413],
    ])('%s', async (_what, text, status) => {
      expectRefused(await (await connect(text)).until('"}'), status);
    });

    it('and takes the next request of the same connection', async () => {
      const large = `${POST}content-length: 1048577\r\n\r\n`;
      const connection = await connect(large);
      await connection.until('"}');
      connection.socket.write('x'.repeat(1_048_577) + get('/next'));
      await connection.until('\r\n\r\nin');
      expect(letIn).toEqual(['/next']);
    });

    it('readable for a page whose origin is named, with the id that it gave', async () => {
      const headers = `origin: ${ORIGIN}\r\nx-request-id: mine\r\n`;
      const connection = await connect(`${POST}${headers}content-length: 1048577\r\n\r\n`);
      const answer = answerIn(await connection.until('"}'));
      expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
      expect(answer.headers.get('x-request-id')).toBe('mine');
    });
  });

  it('tells a body that breaks off in the middle of its chunks, once', async () => {
    await open();
    const head = `${POST}x-request-id: mine\r\ntransfer-encoding: chunked\r\n\r\n`;
    const connection = await connect(`${head}1\r\nx\r\n`);
    await awaitUntil('the request', () => letIn.length === 1);
    connection.socket.write('zz\r\nzz\r\n');
    const text = await connection.ended;
    expect(answerIn(text)).toMatchObject({ status: 400 });
    expect(text.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
    expect(text).toContain('x-request-id: mine\r\n');
  });

  it('answers what came before nonsense first', async () => {
    await open();
    const connection = await connect(`${get('/held')}nonsense\r\n\r\n`);
    await awaitUntil('the request', () => held.length === 1);
    held[0]?.end('answered');
    expect((await connection.ended).match(/answered|HTTP\/1\.1 \d+/g)).toEqual([
      'HTTP/1.1 200',
      'answered',
      'HTTP/1.1 400',
    ]);
  });

  it('waits for ever for no client to end its side', async () => {
    await open();
    const client = await connect('nonsense\r\n\r\n', { allowHalfOpen: true });
    await client.until('"}');
    await awaitUntil('a reset', () => {
      client.socket.write('more');
      return client.socket.destroyed;
    });
    expect(letIn).toEqual([]);
  });

  it('says Continue to who asks before a body', async () => {
    await open();
    const connection = await connect(`${POST}expect: 100-continue\r\ncontent-length: 2\r\n\r\n`);
    await connection.until('HTTP/1.1 100 Continue');
    connection.socket.write('{}');
    expect(await connection.until('\r\n\r\nin')).toContain('HTTP/1.1 200 OK');
  });

  it('keeps an idle connection for longer than proxies do', async () => {
    await open();
    const text = await (await connect(get('/'))).until('\r\n\r\nin');
    expect(answerIn(text).headers.get('keep-alive')).toBe('timeout=125');
  });

  describe('where a request takes too long', () => {
    beforeEach(() => open({ requestTimeoutMs: 200 }));

    it.each([
      ['its head', 'GET / HTTP/1.1\r\nhost: a\r\n'],
      ['its body', `${POST}content-length: 10\r\n\r\n12345`],
      ['the body of one after another', `${get('/')}${POST}content-length: 10\r\n\r\n12345`],
    ])('ends it with 408: %s', async (_what, text) => {
      const answers = (await (await connect(text)).ended).split(/(?=HTTP\/1\.1)/);
      const { status, headers, body } = answerIn(answers.at(-1) ?? '');
      expect([status, headers.get('connection')]).toEqual([408, 'close']);
      expect(JSON.parse(body)).toMatchObject({
        status: 408,
        detail: 'Expected the whole request within 200 ms, got a part of it.',
      });
    });

    it('says nothing where nothing was asked', async () => {
      expect(await (await connect()).ended).toBe('');
    });

    it('does not count the time of the answer', async () => {
      const connection = await connect(get('/held'));
      await (
        await connect()
      ).ended;
      held[0]?.end('late');
      expect(answerIn(await connection.until('late')).status).toBe(200);
    });
  });

  describe('at its bound of connections', () => {
    beforeEach(() => open({ maxConnections: 2 }));
    const hold = async (n: number): Promise<void> => {
      for (let i = 0; i < n; i += 1) await connect(get('/held'));
      await awaitUntil('requests that wait', () => held.length >= n);
    };

    it('lets idle connections go for new ones', async () => {
      const idle = [await connect(get('/1')), await connect(get('/2'))];
      for (const each of idle) await each.until('\r\n\r\nin');
      await (await connect(get('/3'))).until('\r\n\r\nin');
      await Promise.all(idle.map(({ ended }) => ended));
      expect(lines).toEqual([]);
    });

    it('refuses with 503 what is beyond it, and says so in the log once', async () => {
      await hold(2);
      const refused = [await connect(get('/3')), await connect(get('/4'))];
      for (const { ended } of refused) {
        const { status, headers } = answerIn(await ended);
        expect([status, headers.get('retry-after')]).toEqual([503, '10']);
      }
      expect(letIn).toEqual(['/held', '/held']);
      expect(lines).toEqual([
        expect.objectContaining({
          level: 'warn',
          maxConnections: 2,
          message: 'connections are refused: too many are open',
        }),
      ]);
    });

    it('lets a probe in: who is busy is not dead', async () => {
      await hold(2);
      expect(answerIn(await (await connect(get('/health'))).until('in')).status).toBe(200);
    });

    it('lets in who came too early, once there is room', async () => {
      await hold(2);
      const early = await connect();
      connections[0]?.socket.destroy();
      await connections[0]?.ended;
      await awaitUntil('the other side to notice', () => held[0]?.destroyed);
      early.socket.write(get('/late'));
      expect(await early.until('\r\n\r\nin')).toContain('HTTP/1.1 200 OK');
    });

    it('does not wait for long for who is one too many', async () => {
      await hold(2);
      expect(await (await connect()).ended).toBe('');
    });

    it('drops what is beyond that as well', async () => {
      await hold(2);
      await Promise.all(Array.from({ length: 64 }, () => connect()));
      expect(await (await connect()).ended).toBe('');
      expect(lines).toHaveLength(1);
    });
  });

  describe('when it closes', () => {
    beforeEach(() => open());

    it('waits for answers under way, and for nobody who asks nothing', async () => {
      const [silent, idle] = [await connect(), await connect(get('/'))];
      const busy = [await connect(get('/held')), await connect(get('/held'))];
      await idle.until('\r\n\r\nin');
      await awaitUntil('the requests', () => held.length === 2);
      const closed = door?.close();
      await Promise.all([silent.ended, idle.ended]);
      // Each ends with its answer, and not before.
      for (const [n, { ended }] of busy.entries()) {
        held[n]?.end('last');
        expect(await ended).toContain('last');
      }
      await closed;
    });

    it('does not wait for ever', async () => {
      await connect(get('/held'));
      await awaitUntil('the request', () => held.length === 1);
      await door?.close();
      expect(await connections[0]?.ended).toBe('');
    });
  });

  it('tells of each answer, of those too that no function gives', async () => {
    await open({ requestTimeoutMs: 200 });
    const path = '/v1/images/upload';
    for (const text of [
      get('/health/'),
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      `POST ${path} HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n`,
      `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf`,
    ]) {
      await (await connect(text)).until('\r\n\r\n');
    }
    await awaitUntil('all to be told', () => answered.length === 4);
    expect(answered).toEqual([
      ['GET', '/health', 200],
      ['', null, 431],
      ['POST', path, 417],
      ['POST', path, 408],
    ]);
  });

  it('says why it cannot listen', async () => {
    const taken = http.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    door = null;
    await expect(open({ port })).rejects.toThrow('EADDRINUSE');
    taken.close();
  });
});
