import { jsonAnswer, type Answer } from './answer';
import type { AcceptedView } from './schemas';

/** 202: the job exists, and the work happens afterwards. */
export function acceptedAnswer(jobId: string): Answer {
  const view: AcceptedView = { jobId };
  return jsonAnswer(202, view, { location: `/v1/images/upload/${jobId}` });
}
