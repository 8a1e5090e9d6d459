import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLambdaInvoker } from '../../../lib/lambda/lambda-invoker';
import { awaitUntil } from '../../support/await-until';
import { logLines } from '../../support/log-lines';

const FUNCTION = 'image-relay-test-process-upload';

interface Invocation {
  readonly path: string;
  readonly type: string | undefined;
  readonly event: unknown;
}

/** Lambda's API on loopback, which answers each invocation with a status, or never. */
async function startLambdaApi(status: () => number | null) {
  const invocations: Invocation[] = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const type = request.headers['x-amz-invocation-type'] as string | undefined;
      invocations.push({ path: request.url ?? '', type, event: JSON.parse(body) });
      const code = status();
      if (code !== null) response.writeHead(code).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    invocations,
    endpoint: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

describe("Lambda's own invocation", () => {
  let status: number | null = 202;
  let api: Awaited<ReturnType<typeof startLambdaApi>>;
  beforeAll(async () => void (api = await startLambdaApi(() => status)));
  afterAll(() => api.close());
  beforeEach(() => {
    status = 202;
    api.invocations.length = 0;
  });

  const invoker = (timeoutMs?: number) => {
    const { log, lines } = logLines();
    const parts = { lambdaEndpoint: api.endpoint, lambdaFunction: FUNCTION, log };
    const made = createLambdaInvoker({ ...parts, ...(timeoutMs ? { timeoutMs } : {}) });
    return { lines, made };
  };

  it('starts the function of that name, with the event, and waits for no result', async () => {
    const { made, lines } = invoker();
    await made.invoke({ name: 'process-upload' }, { jobId: 'one' });
    expect(api.invocations).toEqual([
      {
        path: `/2015-03-31/functions/${FUNCTION}/invocations`,
        type: 'Event',
        event: { jobId: 'one' },
      },
    ]);
    expect(lines).toEqual([]);
  });

  const LOGGED = [{ level: 'error', message: 'invocation not accepted' }];

  it('is only logged where the endpoint answers 500', async () => {
    status = 500;
    const { made, lines } = invoker(60_000);
    await made.invoke({ name: 'process-upload' }, {});
    expect(api.invocations.length).toBeGreaterThan(1);
    expect(lines).toMatchObject(LOGGED);
  });

  it('is only logged where the endpoint never answers', async () => {
    status = null;
    const { made, lines } = invoker(2000);
    const logged = made.invoke({ name: 'process-upload' }, {});
    await awaitUntil('the invocation', () => api.invocations.length > 0);
    await logged;
    expect(lines).toMatchObject(LOGGED);
  });
});
