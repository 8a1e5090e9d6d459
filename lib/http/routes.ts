/** The paths of the API and the methods that each of them takes, as in `serverless.yml`. */
export const ROUTES: readonly { readonly path: string; readonly methods: readonly string[] }[] = [
  { path: '/', methods: ['GET'] },
  { path: '/health', methods: ['GET'] },
  { path: '/ready', methods: ['GET'] },
  { path: '/metrics', methods: ['GET'] },
  { path: '/openapi.json', methods: ['GET'] },
  { path: '/v1/images', methods: ['GET'] },
  { path: '/v1/images/upload', methods: ['GET', 'POST'] },
  { path: '/v1/images/upload/{jobId}', methods: ['GET', 'DELETE'] },
  { path: '/v1/images/upload/{jobId}/images', methods: ['GET'] },
  { path: '/v1/images/upload/{jobId}/retry', methods: ['POST'] },
  { path: '/embedded/{file}', methods: ['GET'] },
];

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
