import { jsonAnswer } from '../lib/http/answer';
import { apiFunction } from '../lib/http/api-function';
import { openApiDocument } from '../lib/http/openapi';

/** `GET /openapi.json`: the description of this API. */
export const handler = apiFunction({ open: true }, ({ app }) =>
  jsonAnswer(200, openApiDocument(app.config)),
);
