import { parseAlbumRequest } from '../lib/http/album-request';
import { jsonAnswer } from '../lib/http/answer';
import { apiFunction } from '../lib/http/api-function';
import { idempotencyKeyOf } from '../lib/http/idempotency-key';
import { requireJob } from '../lib/http/require-job';
import type { AlbumView } from '../lib/http/schemas';

/** `POST /v1/images/upload/{jobId}/album`: one link for all uploads of a complete job. */
export const handler = apiFunction({ body: 'optional' }, async (request) => {
  const { app, event, param } = request;
  const texts = parseAlbumRequest(event.body);
  const once = idempotencyKeyOf(event, ['album', param('jobId'), texts]);
  const album: AlbumView = await app.makeAlbum(() => requireJob(request), texts, once);
  return jsonAnswer(201, album, { location: album.link });
});
