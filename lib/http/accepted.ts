import type { Config } from '../config';
import { jsonAnswer, type Answer } from './answer';
import type { AcceptedView } from './schemas';

/**
 * 202: the job exists, and the work happens afterwards. Its `Location` is a path as the caller sees
 * it: that of `PUBLIC_URL`, which a proxy strips, comes first.
 */
export function acceptedAnswer({ publicUrl }: Pick<Config, 'publicUrl'>, jobId: string): Answer {
  const view: AcceptedView = { jobId };
  const base = new URL(publicUrl).pathname.replace(/\/$/, '');
  return jsonAnswer(202, view, { location: `${base}/v1/images/upload/${jobId}` });
}
