import page from 'image-relay:page';
import { apiFunction } from '../lib/http/api-function';
import { onceFor } from '../lib/http/once-for';
import { createPage } from '../lib/http/page';

const pageFor = onceFor((config: Parameters<typeof createPage>[1]) => createPage(page, config));

/** `GET /`: the web page. It asks for a key itself where the calls that it makes need one. */
export const handler = apiFunction({ open: true }, ({ app, event }) =>
  pageFor(app.config)(event.headers['if-none-match']),
);
