import type {
  AcceptedView,
  AlbumView,
  HealthView,
  ImagesView,
  JobView,
  Problem,
} from '../lib/http/schemas';

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
  album(id: string, title: string, onceKey: string): Promise<AlbumView>;
  /** @param imageId the name in a link. */
  remove(imageId: string): Promise<void>;
}

const TIMEOUT_MS = 30_000;
const REFUSED = 'connection refused';
const UPLOAD = '/v1/images/upload';

/**
 * The calls of the service that the client makes.
 *
 * Each throws `Refused` for an answer that is an error, and `Unreachable` where none came.
 */
export function createServiceClient(service: string, key: string | null): ServiceClient {
  let hasAnswered = false;

  return {
    // A service that is stopping says so with 503, and is healthy enough to be asked.
    health: () => call('GET', '/health'),
    submit: (urls, clientId, onceKey) =>
      call('POST', UPLOAD, { urls, ...(clientId === null ? {} : { clientId }) }, onceKey),
    job: (id) => call('GET', `${UPLOAD}/${id}`),
    images: (id) => call('GET', `${UPLOAD}/${id}/images`),
    cancel: (id) => call('DELETE', `${UPLOAD}/${id}`),
    album: (id, title, onceKey) => call('POST', `${UPLOAD}/${id}/album`, { title }, onceKey),
    remove: (imageId) => call('DELETE', `/v1/images/${encodeURIComponent(imageId)}`),
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
      const reason = reasonOf(error);
      if (hasAnswered) throw new Unreachable(`The service at ${service} is gone: ${reason}.`);
      const advice = reason === REFUSED ? ' (start it with `npm start`)' : '';
      throw new Unreachable(`No service answers at ${service}: ${reason}${advice}.`);
    }
    const answer = status === 204 ? {} : parse(text);
    if (!answer) throw new Unreachable(`What answers at ${service} is not image-relay.`);
    hasAnswered = true;
    if (status >= 200 && status < 300) return answer as T;
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
  // What fetch throws, which is always an Error, if not always of this realm.
  const { name, message, cause } = error as Error & { cause?: Error & { code?: string } };
  if (name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} s`;
  if (cause?.code === 'ECONNREFUSED') return REFUSED;
  if (cause?.code === 'ENOTFOUND') return 'no such host';
  return cause?.code ?? cause?.message ?? message;
}
