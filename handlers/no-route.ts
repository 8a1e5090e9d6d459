import { apiFunction } from '../lib/http/api-function';
import { HttpProblem } from '../lib/http/http-problem';
import { methodsOf } from '../lib/http/routes';
import { allowed, wrongMethod } from '../lib/http/wrong-method';

/** Whatever no other function takes: unknown paths, wrong methods, and OPTIONS of known paths. */
export const handler = apiFunction({ open: true }, ({ event }) => {
  const { rawPath: path, requestContext } = event;
  const methods = methodsOf(path);
  if (!methods) throw new HttpProblem(404, `There is nothing at ${path.slice(0, 200)}.`);
  if (requestContext.http.method === 'OPTIONS') {
    return { statusCode: 204, headers: { allow: allowed(methods) }, body: '' };
  }
  throw wrongMethod(methods, requestContext.http.method);
});
