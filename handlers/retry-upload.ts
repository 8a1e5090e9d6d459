import { acceptedAnswer } from '../lib/http/accepted';
import { apiFunction } from '../lib/http/api-function';
import { createOnce } from '../lib/http/idempotency-key';
import { requireJob } from '../lib/http/require-job';
import { retryFailed } from '../lib/jobs/retry-failed';
import { handler as processUpload } from './process-upload';

/** `POST /v1/images/upload/{jobId}/retry`: a new job with the failed sources of a complete one. */
export const handler = apiFunction({}, async (request) => {
  const { app, param } = request;
  // The job is looked up within, so that a repeated key has its answer also when that job is gone.
  const jobId = await createOnce(request, ['retry', param('jobId')], async () =>
    retryFailed(app, await requireJob(request), processUpload),
  );
  return acceptedAnswer(app.config, jobId);
});
