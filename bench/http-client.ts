import http from 'node:http';

export interface Reply {
  readonly status: number;
  readonly text: string;
  /** From the first byte sent to the last one received. */
  readonly ms: number;
}

/** A plain keep-alive client, as cheap as can be: it runs on the same machine as what it measures. */
export class HttpClient {
  /** Without a trailing slash. */
  readonly base: string;
  /** Idle connections end before Node's servers close them, which they do after 5 s. */
  readonly #agent = new http.Agent({ keepAlive: true, scheduling: 'lifo', timeout: 3000 });

  constructor(base: string) {
    this.base = base;
  }

  get(path: string): Promise<Reply> {
    return this.#request('GET', path);
  }

  post(path: string, body: string): Promise<Reply> {
    return this.#request('POST', path, body);
  }

  close(): void {
    this.#agent.destroy();
  }

  #request(method: string, path: string, body = ''): Promise<Reply> {
    const headers =
      body === ''
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const startedAt = performance.now();
      const request = http.request(
        this.base + path,
        { method, agent: this.#agent, headers },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const ms = performance.now() - startedAt;
            const text = Buffer.concat(chunks).toString('utf8');
            resolve({ status: response.statusCode ?? 0, text, ms });
          });
          response.on('error', reject);
        },
      );
      request.on('error', (error: NodeJS.ErrnoException) => {
        // The server closed the idle connection while this was on its way to it.
        const isLate = request.reusedSocket && error.code === 'ECONNRESET';
        if (isLate) this.#request(method, path, body).then(resolve, reject);
        else reject(error);
      });
      request.end(body);
    });
  }
}
