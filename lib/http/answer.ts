import type { Config } from '../config';
import type { AcceptedView } from './schemas';

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

/**
 * 202: the job exists, and the work happens afterwards. Its `Location` is a path as the caller sees
 * it: that of `PUBLIC_URL`, which a proxy strips, comes first.
 */
export function acceptedAnswer({ publicUrl }: Pick<Config, 'publicUrl'>, jobId: string): Answer {
  const view: AcceptedView = { jobId };
  const base = new URL(publicUrl).pathname.replace(/\/$/, '');
  return jsonAnswer(202, view, { location: `${base}/v1/images/upload/${jobId}` });
}
