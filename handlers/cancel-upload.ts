import { jsonAnswer } from '../lib/http/answer';
import { apiFunction } from '../lib/http/api-function';
import { jobView } from '../lib/http/job-view';
import { requireJob } from '../lib/http/require-job';
import { cancelJob } from '../lib/jobs/cancel-job';

/** `DELETE /v1/images/upload/{jobId}`: ends a job; what is complete stays, also a complete job. */
export const handler = apiFunction({}, async (request) => {
  const { id, status } = await requireJob(request);
  if (status !== 'complete') await cancelJob(request.app, id);
  return jsonAnswer(200, jobView(await requireJob(request)));
});
