import { HttpProblem } from '../lib/http/http-problem';
import { apiFunction } from '../lib/http/api-function';
import { PAGE_HEADERS } from '../lib/imgur-stand-in/pages';

/**
 * `GET /embedded/a/{albumId}`: an album that the embedded Imgur keeps. `GET /embedded/delete/{deletehash}`
 * asks whether to delete what the hash is of, `POST` does so: whoever has the hash may.
 */
export const handler = apiFunction({ open: true }, async ({ app, event, param }) => {
  const pages = app.embedded?.pages;
  if (!pages) throw new HttpProblem(404, 'There is no embedded Imgur here.');
  const hash = param('deletehash');
  const isPost = event.requestContext.http.method === 'POST';
  const page =
    hash === ''
      ? pages.album(param('albumId'))
      : isPost
        ? pages.delete(hash)
        : pages.askDelete(hash);
  const { status, html } = await page;
  const headers = Object.entries(PAGE_HEADERS).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    statusCode: status,
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: html,
  };
});
