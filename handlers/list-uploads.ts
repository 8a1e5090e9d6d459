import { jsonAnswer } from '../lib/http/answer';
import { apiFunction } from '../lib/http/api-function';
import { jobListView } from '../lib/http/job-view';
import { limitOf } from '../lib/http/limit';

/** `GET /v1/images/upload`: the newest jobs, with counts. */
export const handler = apiFunction({}, async ({ app, event }) =>
  jsonAnswer(200, jobListView(await app.store.list(limitOf(event.queryStringParameters)))),
);
