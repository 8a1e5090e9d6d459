import { HttpProblem } from './http-problem';

/** @param methods that the path takes. */
export function wrongMethod(methods: readonly string[], got: string): HttpProblem {
  const detail = `Expected the method ${methods.join(' or ')} here, got ${got}.`;
  return new HttpProblem(405, detail, { headers: { allow: allowed(methods) } });
}

/** The value of `Allow`. */
export function allowed(methods: readonly string[]): string {
  return [...methods, 'OPTIONS'].join(', ');
}
