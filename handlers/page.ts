import page from 'image-relay:page';
import { apiFunction } from '../lib/http/api-function';
import { pageAnswer } from '../lib/http/page';

/** `GET /`: the web page. It asks for a key itself where the calls that it makes need one. */
export const handler = apiFunction({ open: true }, ({ app, event }) =>
  pageAnswer(page, app.config, event.headers['if-none-match']),
);
