/** Calls of the service's API, and what they answer. */
import type * as Answers from '../lib/http/schemas';
import { refusalWords } from './refusal-words';

export type Image = Answers.ImagesView['images'][number];
type InputProblems = NonNullable<Answers.Problem['errors']>;
/** What the page does about a failed call goes by this. */
type Failure = 'unreachable' | 'unauthorized' | 'missing' | 'refused';

/** Why a call brought nothing. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly kind: Failure;
  readonly errors: InputProblems;

  constructor(kind: Failure, message: string, errors: InputProblems = []) {
    super(message);
    this.kind = kind;
    this.errors = errors;
  }

  /** What to say in the place that the call was for; null where the prompt for the key says it. */
  get problem(): string | null {
    return this.kind === 'unauthorized' ? null : this.message;
  }
}

const KEY_ITEM = 'image-relay.key';
const TIMEOUT_MS = 15_000;
const AWAY = 'The service can’t be reached.';

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
const base = (): string => location.origin + location.pathname.replace(/\/*$/, '');

const JOBS = '/v1/images/upload';
const jobPath = (id: string): string => `${JOBS}/${encodeURIComponent(id)}`;

export const api = {
  /** Also while the service is stopping, which it says with a 503. */
  health: () => call<Answers.HealthView>('/health', { alsoOk: 503 }),
  jobs: async (limit: number) => (await call<Answers.JobListView>(`${JOBS}?limit=${limit}`)).jobs,
  job: (id: string) => call<Answers.JobView>(jobPath(id)),
  images: async (id: string) => (await call<Answers.ImagesView>(`${jobPath(id)}/images`)).images,
  links: async () => (await call<Answers.LinksView>('/v1/images')).uploaded,
  cancel: (id: string) => call<Answers.JobView>(jobPath(id), { method: 'DELETE' }),
  retry: async (id: string) =>
    (await call<Answers.AcceptedView>(`${jobPath(id)}/retry`, { method: 'POST' })).jobId,
  album: (id: string, idempotencyKey: string) =>
    call<Answers.AlbumView>(`${jobPath(id)}/album`, {
      method: 'POST',
      headers: { 'idempotency-key': idempotencyKey },
    }),
  /** Deletes an upload at Imgur. */
  remove: (imageId: string) =>
    call<null>(`/v1/images/${encodeURIComponent(imageId)}`, { method: 'DELETE' }),
  /** How many URLs one job takes, as the service describes itself. */
  mostUrls: async (): Promise<number | null> => {
    const { components } = await call<Description>('/openapi.json');
    return components?.schemas?.UploadRequest?.properties?.urls?.maxItems ?? null;
  },
  submit: async (body: string, idempotencyKey: string) => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
    return (await call<Answers.AcceptedView>(JOBS, { method: 'POST', headers, body })).jobId;
  },
};

/** As much of OpenAPI as is asked for. */
interface Description {
  components?: { schemas?: { UploadRequest?: { properties?: { urls?: { maxItems?: number } } } } };
}

/** @throws {ApiError} and nothing else. */
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
    response = await fetch(base() + path, {
      ...init,
      headers,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const type = response.headers.get('content-type') ?? '';
    body = response.status !== 204 && /json/.test(type) ? await response.json() : null;
  } catch {
    throw new ApiError('unreachable', AWAY);
  }
  const { status, ok } = response;
  if (status === 204) return null as T;
  if (body !== null && (ok || status === alsoOk)) return body as T;
  const { detail, title, errors } = (body ?? {}) as Partial<Answers.Problem>;
  const failure = failureOf(status, body !== null);
  const message = failure === 'unreachable' ? AWAY : refusalWords(status, detail ?? title);
  throw new ApiError(failure, message, errors);
}

function failureOf(status: number, isInJson: boolean): Failure {
  if (status === 401) return 'unauthorized';
  if (status === 404) return 'missing';
  // A proxy before a service that is away answers in its name.
  return status >= 502 && !isInJson ? 'unreachable' : 'refused';
}
