import { acceptedAnswer } from '../lib/http/answer';
import { apiFunction } from '../lib/http/api-function';
import { idempotencyKeyOf } from '../lib/http/idempotency-key';
import { parseUploadRequest } from '../lib/http/upload-request';
import { submitUpload } from '../lib/jobs/submit-upload';
import { handler as processUpload } from './process-upload';

/** `POST /v1/images/upload`: accepts a job and starts its processing without waiting for it. */
export const handler = apiFunction({ body: true }, async ({ app, event }) => {
  const upload = parseUploadRequest(event.body, app.config.maxUrlsPerJob);
  const once = idempotencyKeyOf(event, event.body);
  return acceptedAnswer(app.config, await submitUpload(app, processUpload, () => upload, once));
});
