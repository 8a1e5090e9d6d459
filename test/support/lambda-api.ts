import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands before Lambda's API, and can lose what is invoked. */
export interface LambdaApi {
  /** Where it listens, on loopback. */
  readonly endpoint: string;
  /** Where invocations go; null while there is nothing behind it. */
  behind: string | null;
  /** Answers with this status instead of handing on. */
  status: number | null;
  /** The events of invocations that were handed on. */
  readonly events: unknown[];
  close(): Promise<void>;
}

export async function startLambdaApi(): Promise<LambdaApi> {
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (api.behind === null || api.status !== null) {
        response.writeHead(api.status ?? 503).end();
        return;
      }
      const body = Buffer.concat(chunks).toString();
      api.events.push(JSON.parse(body));
      const { method = 'POST', headers } = request;
      const type = headers['x-amz-invocation-type'] as string;
      void fetch(`${api.behind}${request.url ?? ''}`, {
        ...{ method, body, headers: { 'x-amz-invocation-type': type } },
      }).then(({ status }) => response.writeHead(status).end());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const api: LambdaApi = {
    endpoint: `http://127.0.0.1:${port}`,
    behind: null,
    status: null,
    events: [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return api;
}
