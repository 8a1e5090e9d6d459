/** Calls of the service's API, and what they answer. */

export interface Health {
  readonly status: 'ok' | 'draining';
  readonly imgur: string;
  readonly pending: number;
  readonly inFlight: number;
  readonly pausedUntil: string | null;
  readonly samples?: readonly string[];
}

export interface JobListItem {
  readonly id: string;
  readonly created: string;
  readonly finished: string | null;
  readonly status: 'pending' | 'in-progress' | 'complete';
  readonly pending: number;
  readonly complete: number;
  readonly failed: number;
}

export interface JobTimes {
  readonly id: string;
  readonly created: string;
  readonly finished: string | null;
  readonly status: JobListItem['status'];
}

export interface Image {
  readonly url: string;
  readonly status: 'pending' | 'in-progress' | 'complete' | 'failed';
  readonly link: string | null;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly retryable: boolean;
  } | null;
  readonly attempts: number;
  readonly bytes: number | null;
  readonly type: string | null;
  readonly durationMs: number | null;
}

interface Problem {
  readonly detail?: string;
  readonly title?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

/** An answer that was no success; `status` 0: there was no answer at all. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly errors: NonNullable<Problem['errors']>;

  constructor(status: number, message: string, errors: NonNullable<Problem['errors']> = []) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

const KEY_ITEM = 'image-relay.key';
const TIMEOUT_MS = 15_000;

/** Kept for this tab only, and forgotten with it. */
export const keyStore = {
  get: (): string | null => sessionStorage.getItem(KEY_ITEM),
  set: (key: string): void => sessionStorage.setItem(KEY_ITEM, key),
  forget: (): void => sessionStorage.removeItem(KEY_ITEM),
};

/**
 * Where the service begins: the page lies at its root, be that below a path of a proxy, and be it
 * asked for with a slash at the end or without.
 */
const BASE = location.origin + location.pathname.replace(/\/*$/, '');

const JOBS = '/v1/images/upload';
const jobPath = (id: string): string => `${JOBS}/${encodeURIComponent(id)}`;

export const api = {
  /** Also while the service is stopping, which it says with a 503. */
  health: () => call<Health>('/health', { alsoOk: 503 }),
  jobs: async (limit: number) =>
    (await call<{ jobs: JobListItem[] }>(`${JOBS}?limit=${limit}`)).jobs,
  job: (id: string) => call<JobTimes>(jobPath(id)),
  images: async (id: string) => (await call<{ images: Image[] }>(`${jobPath(id)}/images`)).images,
  links: async () => (await call<{ uploaded: string[] }>('/v1/images')).uploaded,
  cancel: (id: string) => call<JobTimes>(jobPath(id), { method: 'DELETE' }),
  retry: async (id: string) =>
    (await call<{ jobId: string }>(`${jobPath(id)}/retry`, { method: 'POST' })).jobId,
  submit: async (body: { urls: readonly string[]; clientId?: string }, idempotencyKey: string) =>
    (
      await call<{ jobId: string }>(JOBS, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
        body: JSON.stringify(body),
      })
    ).jobId,
};

async function call<T>(
  path: string,
  { alsoOk, ...init }: RequestInit & { alsoOk?: number } = {},
): Promise<T> {
  const key = keyStore.get();
  const headers = new Headers(init.headers);
  if (key !== null) headers.set('authorization', `Bearer ${key}`);
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(BASE + path, {
      ...init,
      headers,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const type = response.headers.get('content-type') ?? '';
    body = /json/.test(type) ? await response.json() : null;
  } catch {
    throw new ApiError(0, 'The service can’t be reached.');
  }
  if (body !== null && (response.ok || response.status === alsoOk)) return body as T;
  const { detail, title, errors } = (body ?? {}) as Problem;
  // A proxy before a service that is away answers in its name.
  const status = body === null && response.status >= 502 ? 0 : response.status;
  throw new ApiError(status, detail ?? title ?? `The service answered ${response.status}.`, errors);
}

export function isUnauthorized(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}

export function isUnreachable(error: unknown): boolean {
  return error instanceof ApiError && error.status === 0;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
