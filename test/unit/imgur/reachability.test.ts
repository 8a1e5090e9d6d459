import http from 'node:http';
import { createReachability } from '../../../lib/imgur/reachability';
import { collectLog } from './collect-log';
import { answer, startServer, type TinyServer } from './tiny-server';

describe('whether Imgur can be reached', () => {
  const seen: http.IncomingMessage[] = [];
  let status = 401;
  let server: TinyServer;
  let time = 0;

  beforeEach(async () => {
    seen.length = 0;
    status = 401;
    time = 0;
    server = await startServer((request, response) => {
      seen.push(request);
      if (status > 0) answer(response, status, { data: {}, success: false, status });
    });
  });
  afterEach(() => server.close());

  const create = (log = collectLog().log, apiUrl = server.url) =>
    createReachability({
      apiUrl,
      agent: new http.Agent(),
      userAgent: 'image-relay/test',
      log,
      timeoutMs: 200,
      now: () => time,
    });

  it('is looked at once, however many ask, and once a minute after that', async () => {
    const unreachable = create();
    expect(await Promise.all([unreachable(), unreachable(), unreachable()])).toEqual([
      null,
      null,
      null,
    ]);
    time = 59_999;
    expect(await unreachable()).toBeNull();
    expect(seen).toHaveLength(1);
    time = 60_000;
    await unreachable();
    expect(seen).toHaveLength(2);
  });

  it('takes any answer but that of a failing server, and shows no credential', async () => {
    expect(await create()()).toBeNull();
    expect(seen[0]?.headers).toMatchObject({ 'user-agent': 'image-relay/test' });
    expect(seen[0]?.headers).not.toHaveProperty('authorization');
    status = 503;
    expect(await create()()).toBe('Imgur fails: it answers with status 503.');
  });

  it('is told with the reason, and in the log when it ends and when it is back', async () => {
    const lines = collectLog();
    const unreachable = create(lines.log);
    const told = () => lines.read().map(({ level, message }) => ({ level, message }));
    status = 0;
    expect(await unreachable()).toBe('Imgur cannot be reached: no answer within 0.2 s.');
    time = 9999;
    status = 200;
    expect(await unreachable()).toBe('Imgur cannot be reached: no answer within 0.2 s.');
    time = 10_000;
    expect(await unreachable()).toBeNull();
    expect(told()).toEqual([
      { level: 'warn', message: 'Imgur cannot be reached: no answer within 0.2 s.' },
      { level: 'info', message: 'Imgur can be reached again' },
    ]);
  });

  it('names what the system says, and no address', async () => {
    const { url } = server;
    await server.close();
    expect(await create(undefined, url)()).toBe('Imgur cannot be reached: ECONNREFUSED.');
    server = await startServer(() => undefined);
  });
});
