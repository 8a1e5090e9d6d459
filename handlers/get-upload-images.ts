import { jsonAnswer } from '../lib/http/answer';
import { apiFunction } from '../lib/http/api-function';
import { imagesView } from '../lib/http/job-view';
import { requireJob } from '../lib/http/require-job';

/** `GET /v1/images/upload/{jobId}/images`: what is known of each image of a job. */
export const handler = apiFunction({}, async (request) =>
  jsonAnswer(200, imagesView(await requireJob(request))),
);
