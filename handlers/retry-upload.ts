import { acceptedAnswer } from '../lib/http/answer';
import { apiFunction } from '../lib/http/api-function';
import { idempotencyKeyOf } from '../lib/http/idempotency-key';
import { requireJob } from '../lib/http/require-job';
import { retryOf } from '../lib/jobs/retry-failed';
import { submitUpload } from '../lib/jobs/submit-upload';
import { handler as processUpload } from './process-upload';

/** `POST /v1/images/upload/{jobId}/retry`: a new job with the failed sources of a complete one. */
export const handler = apiFunction({}, async (request) => {
  const { app, event, param } = request;
  const once = idempotencyKeyOf(event, ['retry', param('jobId')]);
  // The job is looked up within, so that a repeated key has its answer also when that job is gone.
  const failed = async () => retryOf(await requireJob(request));
  return acceptedAnswer(app.config, await submitUpload(app, processUpload, failed, once));
});
