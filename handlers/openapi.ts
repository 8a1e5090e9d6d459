import { jsonTextAnswer } from '../lib/http/answer';
import { apiFunction } from '../lib/http/api-function';
import { onceFor } from '../lib/http/once-for';
import { openApiDocument } from '../lib/http/openapi';

const textFor = onceFor((config: Parameters<typeof openApiDocument>[0]) =>
  JSON.stringify(openApiDocument(config)),
);

/** `GET /openapi.json`: the description of this API. */
export const handler = apiFunction({ open: true }, ({ app }) =>
  jsonTextAnswer(200, textFor(app.config)),
);
