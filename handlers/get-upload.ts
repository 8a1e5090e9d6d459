import { jsonAnswer } from '../lib/http/answer';
import { apiFunction } from '../lib/http/api-function';
import { jobView } from '../lib/http/job-view';
import { requireJob } from '../lib/http/require-job';

/** `GET /v1/images/upload/{jobId}`: a job's state, its sources and its links. */
export const handler = apiFunction({}, async (request) =>
  jsonAnswer(200, jobView(await requireJob(request))),
);
