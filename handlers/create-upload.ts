import { jsonAnswer } from '../lib/http/answer';
import { apiFunction } from '../lib/http/api-function';
import { parseUploadRequest } from '../lib/http/upload-request';
import { submitUpload } from '../lib/jobs/submit-upload';
import { handler as processUpload } from './process-upload';

/** `POST /v1/images/upload`: accepts a job and starts its processing without waiting for it. */
export const handler = apiFunction({ body: true }, async ({ app, event }) => {
  const request = parseUploadRequest(event.body, app.config.maxUrlsPerJob);
  const { id: jobId } = await submitUpload(app, request);
  await app.invoker.invoke({ name: 'process-upload', handler: processUpload }, { jobId });
  return jsonAnswer(202, { jobId }, { location: `/v1/images/upload/${jobId}` });
});
