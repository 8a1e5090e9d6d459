import { STATUS_CODES } from 'node:http';
import type { InputProblem } from '../errors';
import type { Answer } from './answer';

const MEDIA_TYPE = 'application/problem+json';
/** More than anyone mends at once; `detail` says how many there are in all. */
const MAX_ERRORS = 100;

/** RFC 9457 problem details. The type is always `about:blank`, so the title is the status's name. */
export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly InputProblem[];
}

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
