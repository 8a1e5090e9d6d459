/** The paths of the API and the methods that each of them takes, as in `serverless.yml`. */
export const ROUTES: readonly { readonly path: string; readonly methods: readonly string[] }[] = [
  { path: '/', methods: ['GET'] },
  { path: '/health', methods: ['GET'] },
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
  const segments = path.split('/');
  const route = ROUTES.find((candidate) => {
    const parts = candidate.path.split('/');
    return (
      parts.length === segments.length &&
      parts.every((part, at) => part === segments[at] || (part.startsWith('{') && segments[at]))
    );
  });
  return route ? route.methods.flatMap((m) => (m === 'GET' ? ['GET', 'HEAD'] : [m])) : null;
}
