import { OPERATIONS } from './openapi-operations';

const METHODS = ['get', 'post', 'delete'] as const;

/** The paths of the API and the methods that each of them takes, as `OPERATIONS` describes them. */
export const ROUTES: readonly { readonly path: string; readonly methods: readonly string[] }[] =
  Object.entries(OPERATIONS).map(([path, operations]) => ({
    path,
    methods: METHODS.filter((method) => operations[method]).map((method) => method.toUpperCase()),
  }));

/**
 * The methods that a path takes, HEAD with every GET; null for a path that is not ours. The gateway
 * has taken one slash off the end: another one makes another path.
 */
export function methodsOf(path: string): string[] | null {
  const route = find(path);
  return route ? route.methods.flatMap((m) => (m === 'GET' ? ['GET', 'HEAD'] : [m])) : null;
}

/** The template of a path, like `/v1/images/upload/{jobId}`; null for a path that is not ours. */
export function routeOf(path: string): string | null {
  return find(path)?.path ?? null;
}

function find(path: string): (typeof ROUTES)[number] | undefined {
  const segments = path.split('/');
  return ROUTES.find((candidate) => {
    const parts = candidate.path.split('/');
    return (
      parts.length === segments.length &&
      parts.every((part, at) => part === segments[at] || (part.startsWith('{') && segments[at]))
    );
  });
}
