import { apiFunction } from '../lib/http/api-function';
import { HttpProblem } from '../lib/http/http-problem';

/** `GET /embedded/{file}`: a picture that the embedded Imgur keeps, at the link that it gave. */
export const handler = apiFunction({ open: true }, async ({ app, param }) => {
  const picture = await app.embedded?.picture(param('file'));
  if (!picture) {
    throw new HttpProblem(404, 'There is no such picture; the embedded Imgur drops the oldest.');
  }
  return {
    statusCode: 200,
    headers: { 'content-type': picture.type, 'cache-control': 'public, max-age=3600, immutable' },
    body: picture.bytes.toString('base64'),
    isBase64Encoded: true,
  };
});
