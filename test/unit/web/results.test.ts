import type { Image } from '../../../web/api';
import { resultsAsCsv, resultsAsJson } from '../../../web/results';

const image: Image = {
  url: 'http://a.example/1,2.png',
  status: 'complete',
  link: 'https://i.imgur.com/aB3dE5g.jpg',
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
  error: { code: 'empty', message: 'He said "no".', retryable: false },
  bytes: null,
  type: null,
};

describe('results to take away', () => {
  it('as CSV, which runs no formula in a spreadsheet', () => {
    expect(resultsAsCsv([image, failed])).toBe(
      'url,status,link,code,message,bytes,type\r\n' +
        '"http://a.example/1,2.png",complete,https://i.imgur.com/aB3dE5g.jpg,,,48,image/png\r\n' +
        `'=1+1,failed,,empty,"He said ""no"".",,\r\n`,
    );
  });

  it('as JSON, just as the service tells them', () => {
    expect(JSON.parse(resultsAsJson([image, failed]))).toEqual([image, failed]);
  });
});
