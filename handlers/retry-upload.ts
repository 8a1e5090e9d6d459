import { acceptedAnswer } from '../lib/http/accepted';
import { apiFunction } from '../lib/http/api-function';
import { requireJob } from '../lib/http/require-job';
import { retryFailed } from '../lib/jobs/retry-failed';
import { handler as processUpload } from './process-upload';

/** `POST /v1/images/upload/{jobId}/retry`: a new job with the failed sources of a complete one. */
export const handler = apiFunction({}, async (request) => {
  const job = await requireJob(request);
  return acceptedAnswer(await retryFailed(request.app, job, processUpload));
});
