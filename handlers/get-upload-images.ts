import { HttpProblem } from '../lib/http/http-problem';
import { jsonAnswer } from '../lib/http/answer';
import { apiFunction } from '../lib/http/api-function';
import { imagesCsv, wantsCsv } from '../lib/http/csv';
import { imagesView } from '../lib/http/job-view';
import { requireJob } from '../lib/http/require-job';

const FORMATS: readonly (string | undefined)[] = [undefined, 'json', 'csv'];
/** The answer is another one by another Accept. */
const VARY = { vary: 'accept' };

/** `GET /v1/images/upload/{jobId}/images`: what is known of each image of a job, as JSON or CSV. */
export const handler = apiFunction({}, async (request) => {
  const { headers, queryStringParameters: query } = request.event;
  const format = query?.['format'];
  if (!FORMATS.includes(format)) {
    const given = JSON.stringify(format?.slice(0, 40));
    throw new HttpProblem(400, `Expected format to be json or csv, got ${given}.`);
  }
  const job = await requireJob(request);
  const view = imagesView(job);
  if (!wantsCsv(headers['accept'], format)) return jsonAnswer(200, view, VARY);
  return {
    statusCode: 200,
    headers: {
      ...VARY,
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="${job.id}.csv"`,
    },
    body: imagesCsv(view),
  };
});
