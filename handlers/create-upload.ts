import { acceptedAnswer } from '../lib/http/accepted';
import { apiFunction } from '../lib/http/api-function';
import { createOnce } from '../lib/http/idempotency-key';
import { parseUploadRequest } from '../lib/http/upload-request';
import { submitUpload } from '../lib/jobs/submit-upload';
import { handler as processUpload } from './process-upload';

/** `POST /v1/images/upload`: accepts a job and starts its processing without waiting for it. */
export const handler = apiFunction({ body: true }, async (request) => {
  const { app, event } = request;
  const upload = parseUploadRequest(event.body, app.config.maxUrlsPerJob);
  const jobId = await createOnce(request, event.body, () =>
    submitUpload(app, upload, processUpload),
  );
  return acceptedAnswer(app.config, jobId);
});
