import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpExchange } from '../../../lib/metrics/http-metrics';
import { watchAnswers } from '../../../local/watch-answers';

describe('what is told of each request', () => {
  const server = http.createServer((request, response) => {
    if (request.url === '/health') response.writeHead(503).end('no');
  });
  let told: Promise<HttpExchange>;
  let url = '';

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    let tell: (exchange: HttpExchange) => void = () => undefined;
    watchAnswers(server, (exchange) => tell(exchange));
    const next = (): void => {
      told = new Promise((resolve) => (tell = resolve));
    };
    next();
    server.on('request', next);
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('is its method, the template of its path, its status and its time', async () => {
    await (await fetch(`${url}/health`)).text();
    const exchange = await told;
    expect(exchange).toMatchObject({ method: 'GET', route: '/health', status: 503 });
    expect(exchange.durationMs).toBeGreaterThan(0);
  });

  it('is no status where the caller left before there was an answer', async () => {
    const request = http.get(`${url}/v1/images/upload/x/images?y`).on('error', () => undefined);
    await once(server, 'request');
    request.destroy();
    const route = '/v1/images/upload/{jobId}/images';
    expect(await told).toMatchObject({ method: 'GET', route, status: null });
  });
});
