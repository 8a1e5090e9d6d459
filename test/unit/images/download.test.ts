import { EventEmitter, once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Cancellation } from '../../../lib/cancellation';
import { createDownload } from '../../../lib/images/download';
import { createGuard } from '../../../lib/net/guard';
import { createGuardedAgents, type GuardedAgentsOptions } from '../../../lib/net/guarded-agent';

const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serve(listener: http.RequestListener): Promise<string> {
  const server = http.createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function download(connect?: GuardedAgentsOptions['connect']) {
  const guard = createGuard({
    allowedNetworks: [ipaddr.parseCIDR('127.0.0.0/8')],
    allowedPorts: [80],
    ownAddresses: () => [],
  });
  const agents = createGuardedAgents({
    guard,
    resolve: () => Promise.reject(new Error('Expected no name to be resolved')),
    connectTimeoutMs: 5000,
    ...(connect ? { connect } : {}),
  });
  closing.push(agents.destroy);
  return createDownload({
    judgeUrl: (url) => guard.judgeUrl(url),
    agentFor: (url) => agents.agentFor(url),
    userAgent: 'test',
    maxImageBytes: 1000,
  });
}

const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

describe('the download', () => {
  it('tells the address of each hop before it is connected to', async () => {
    const last = await serve((_request, response) => response.end('picture'));
    const first = await serve((_request, response) => {
      response.writeHead(302, { location: `http://${last}/` }).end();
    });
    const told: string[] = [];
    const { url } = await download()(new URL(`http://${first}/`), new Cancellation(), {
      onAnswer: () => told.push('answer'),
      onAddress: (address, port) => {
        told.push(`${address}:${port}`);
        return null;
      },
    });
    expect(told).toEqual([first, 'answer', last, 'answer']);
    expect(url.host).toBe(last);
  });

  it('asks each hop for what Imgur takes', async () => {
    const asked: unknown[] = [];
    const host = await serve(({ url, headers }, response) => {
      asked.push([url, headers.accept]);
      if (url === '/moved') response.writeHead(302, { location: '/a.png' }).end();
      else response.end('picture');
    });
    await download()(new URL(`http://${host}/moved`), new Cancellation());
    // Some servers read the mere name of WebP as a wish for it.
    const accept = 'image/jpeg,image/png,image/gif,image/tiff;q=0.9,image/bmp;q=0.9,*/*;q=0.1';
    expect(asked).toEqual([
      ['/moved', accept],
      ['/a.png', accept],
    ]);
  });

  it('ends with the very error that it is told instead', async () => {
    let requests = 0;
    const host = await serve(() => (requests += 1));
    const busy = Object.assign(new Error('not now'), { name: 'SourceBusy' });
    const opened = download()(new URL(`http://${host}/`), new Cancellation(), {
      onAddress: () => busy,
    });
    expect(await errorOf(opened)).toBe(busy);
    expect(requests).toBe(0);
  });

  it('asks for no connection to where it may not go', async () => {
    const open = createDownload({
      judgeUrl: () => ({ kind: 'local_name', facts: { host: 'a.lan' } }),
      agentFor: () => {
        throw new Error('Expected no connection');
      },
      userAgent: 'test',
      maxImageBytes: 1000,
    });
    const error = await errorOf(open(new URL('http://a.lan/'), new Cancellation()));
    expect(error).toMatchObject({ code: 'blocked_address', cause: { host: 'a.lan' } });
  });

  it('goes on from a redirect whose body never comes', async () => {
    const host = await serve(({ url }, response) => {
      if (url === '/moved') {
        response.writeHead(302, { location: '/a.png', 'content-length': 4 }).flushHeaders();
      } else response.end('picture');
    });
    const { url } = await download()(new URL(`http://${host}/moved`), new Cancellation());
    expect(url.pathname).toBe('/a.png');
  });

  it('refuses an answer at once although its body never comes', async () => {
    const host = await serve((_request, response) => {
      response.writeHead(404, { 'content-length': 4 }).flushHeaders();
    });
    const opened = download()(new URL(`http://${host}/`), new Cancellation());
    expect(await errorOf(opened)).toMatchObject({ code: 'source_status' });
  });

  it('lets go of the connection that is being opened when it is cancelled', async () => {
    const attempt = new net.Socket();
    const connecting = new EventEmitter();
    const begun = once(connecting, 'attempt');
    const open = download(() => {
      connecting.emit('attempt');
      return attempt;
    });
    const cancellation = new Cancellation();
    const opened = errorOf(open(new URL('http://127.0.0.1/'), cancellation));
    await begun;
    const reason = new Error('no longer wanted');
    cancellation.cancel(reason);
    expect(await opened).toBe(reason);
    expect(attempt.destroyed).toBe(true);
  });
});
