import { jsonAnswer, type Answer } from './answer';

/** 202: the job exists, and the work happens afterwards. */
export function acceptedAnswer(jobId: string): Answer {
  return jsonAnswer(202, { jobId }, { location: `/v1/images/upload/${jobId}` });
}
