import type { Image } from '../../../web/api';
import { resultsAsJson } from '../../../web/results';

const image: Image = {
  url: 'http://a.example/1,2.png',
  status: 'complete',
  link: 'https://i.imgur.com/aB3dE5g.jpg',
  deletehash: '1NV90wWpO691n05',
  error: null,
  attempts: 1,
  bytes: 48,
  type: 'image/png',
  sourceType: 'image/png',
  durationMs: 3,
};
const failed: Image = {
  ...image,
  url: '=1+1',
  status: 'failed',
  link: null,
  deletehash: null,
  error: { code: 'empty', message: 'He said "no".', retryable: false },
  bytes: null,
  type: null,
};

describe('results to take away', () => {
  it('as JSON, just as the service tells them', () => {
    expect(JSON.parse(resultsAsJson([image, failed]))).toEqual([image, failed]);
  });
});
