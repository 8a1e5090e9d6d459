/** What a function gives back to the gateway (API Gateway's payload format 2.0). */
export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded?: boolean;
}

export function jsonAnswer(
  statusCode: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return jsonTextAnswer(statusCode, JSON.stringify(body), headers);
}

/** An answer whose body is JSON already. */
export function jsonTextAnswer(
  statusCode: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { statusCode, headers: { ...headers, 'content-type': 'application/json' }, body };
}
