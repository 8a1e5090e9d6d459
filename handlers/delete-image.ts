import { HttpProblem } from '../lib/errors';
import { apiFunction } from '../lib/http/api-function';
import { deleteUpload } from '../lib/jobs/delete-upload';

/** `DELETE /v1/images/{imageId}`: deletes an upload at Imgur, and here. */
export const handler = apiFunction({}, async ({ app, param }) => {
  if (await deleteUpload(app, param('imageId'))) return { statusCode: 204, headers: {}, body: '' };
  throw new HttpProblem(404, 'There is no upload of this name here, or not any more.');
});
