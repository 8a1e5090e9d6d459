import { STATUS_CODES } from 'node:http';
import type { InputProblem } from '../errors';
import type { Answer } from './answer';
import type { Problem } from './schemas';

const MEDIA_TYPE = 'application/problem+json';
/** More than anyone mends at once; `detail` says how many there are in all. */
const MAX_ERRORS = 100;

export function problemAnswer(
  status: number,
  detail: string,
  options: {
    errors?: readonly InputProblem[] | null;
    headers?: Readonly<Record<string, string>>;
  } = {},
): Answer {
  const problem: Problem = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    ...(options.errors ? { errors: options.errors.slice(0, MAX_ERRORS) } : {}),
  };
  return {
    statusCode: status,
    headers: { ...options.headers, 'content-type': MEDIA_TYPE },
    body: JSON.stringify(problem),
  };
}
