/** One bad item of a request: where it is (an RFC 6901 JSON Pointer) and what was expected. */
export interface InputProblem {
  pointer: string;
  detail: string;
}

/** A request that is answered with an RFC 9457 problem. Recognise it with `isHttpProblem`. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly statusCode: number;
  readonly errors: readonly InputProblem[] | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    statusCode: number,
    detail: string,
    options: {
      errors?: readonly InputProblem[];
      headers?: Record<string, string>;
      cause?: unknown;
    } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.statusCode = statusCode;
    this.errors = options.errors ?? null;
    this.headers = options.headers ?? {};
  }
}

export function isHttpProblem(error: unknown): error is HttpProblem {
  return error instanceof Error && error.name === 'HttpProblem' && 'statusCode' in error;
}
