import type { AcceptedView, HealthView, ImagesView, JobView, Problem } from '../lib/http/schemas';

/** The service answered, but not with what was asked for. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  readonly problem: Partial<Problem>;
  /** How long the service asks to wait before it is asked again, in seconds. */
  readonly retryAfter: number | null;

  constructor(status: number, problem: Partial<Problem>, retryAfter: number | null) {
    super(problem.detail ?? `The service answered with status ${status}.`);
    this.status = status;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

/** Nothing answered, or something else than the service. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

export interface ServiceClient {
  health(): Promise<HealthView>;
  /** @param onceKey makes it safe to say the same again. */
  submit(urls: readonly string[], clientId: string | null, onceKey: string): Promise<AcceptedView>;
  job(id: string): Promise<JobView>;
  images(id: string): Promise<ImagesView>;
  cancel(id: string): Promise<JobView>;
}

const TIMEOUT_MS = 30_000;
const UPLOAD = '/v1/images/upload';

/**
 * The calls of the service that the client makes.
 *
 * Each throws `Refused` for an answer that is an error, and `Unreachable` where none came.
 */
export function createServiceClient(service: string, key: string | null): ServiceClient {
  return {
    // A service that is stopping says so with 503, and is healthy enough to be asked.
    health: () => call('GET', '/health'),
    submit: (urls, clientId, onceKey) =>
      call('POST', UPLOAD, { urls, ...(clientId === null ? {} : { clientId }) }, onceKey),
    job: (id) => call('GET', `${UPLOAD}/${id}`),
    images: (id) => call('GET', `${UPLOAD}/${id}/images`),
    cancel: (id) => call('DELETE', `${UPLOAD}/${id}`),
  };

  async function call<T>(
    method: string,
    path: string,
    body?: object,
    onceKey?: string,
  ): Promise<T> {
    const headers: Record<string, string> = {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(onceKey === undefined ? {} : { 'idempotency-key': onceKey }),
    };
    let status: number;
    let retryAfter: string | null;
    let text: string;
    try {
      const response = await fetch(service + path, {
        method,
        headers,
        body: body ? JSON.stringify(body) : null,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      status = response.status;
      retryAfter = response.headers.get('retry-after');
      text = await response.text();
    } catch (error) {
      throw new Unreachable(`No service answers at ${service}: ${reasonOf(error)}.`);
    }
    const answer = parse(text);
    if (status >= 200 && status < 300 && answer) return answer as T;
    if (!answer) throw new Unreachable(`What answers at ${service} is not image-relay.`);
    const seconds = retryAfter !== null && /^\d{1,5}$/.test(retryAfter) ? Number(retryAfter) : null;
    throw new Refused(status, answer, seconds);
  }
}

function parse(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no reason given';
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} s`;
  const cause = error.cause as (Error & { code?: string }) | undefined;
  if (cause?.code === 'ECONNREFUSED') return 'connection refused (start it with `npm start`)';
  if (cause?.code === 'ENOTFOUND') return 'no such host';
  return cause?.code ?? cause?.message ?? error.message;
}
