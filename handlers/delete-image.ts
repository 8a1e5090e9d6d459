import { HttpProblem } from '../lib/http/http-problem';
import { apiFunction } from '../lib/http/api-function';
import { methodsOf } from '../lib/http/routes';
import { wrongMethod } from '../lib/http/wrong-method';
import { deleteUpload } from '../lib/jobs/delete-upload';

/** `DELETE /v1/images/{imageId}`: deletes an upload at Imgur, and here. */
export const handler = apiFunction({}, async ({ app, param }) => {
  const imageId = param('imageId');
  // To the gateway, other paths of the API are names of uploads too: `DELETE /v1/images/upload`.
  const methods = methodsOf(`/v1/images/${imageId}`);
  if (methods && !methods.includes('DELETE')) throw wrongMethod(methods, 'DELETE');
  if (await deleteUpload(app, imageId)) return { statusCode: 204, headers: {}, body: '' };
  throw new HttpProblem(404, 'There is no upload of this name here, or not any more.');
});
