import { apiFunction } from '../lib/http/api-function';
import { HttpProblem } from '../lib/http/http-problem';
import { methodsOf } from '../lib/http/routes';

/** Whatever no other function takes: unknown paths, wrong methods, and OPTIONS of known paths. */
export const handler = apiFunction({ open: true }, ({ event }) => {
  const { rawPath: path, requestContext } = event;
  const methods = methodsOf(path);
  if (!methods) throw new HttpProblem(404, `There is nothing at ${path.slice(0, 200)}.`);
  const allow = [...methods, 'OPTIONS'].join(', ');
  if (requestContext.http.method === 'OPTIONS') {
    return { statusCode: 204, headers: { allow }, body: '' };
  }
  const detail = `Expected the method ${methods.join(' or ')} here, got ${requestContext.http.method}.`;
  throw new HttpProblem(405, detail, { headers: { allow } });
});
