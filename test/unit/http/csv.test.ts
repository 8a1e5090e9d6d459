import { imagesCsv, wantsCsv } from '../../../lib/http/csv';
import type { ImagesView } from '../../../lib/http/schemas';

type Image = ImagesView['images'][number];

const image = (more: Partial<Image>): Image => ({
  url: 'https://a.example/x.png',
  status: 'complete',
  link: 'https://i.imgur.com/gAGub9k.png',
  deletehash: '1NV90wWpO691n05',
  error: null,
  attempts: 1,
  bytes: 7,
  type: 'image/png',
  sourceType: 'image/png',
  durationMs: 1,
  ...more,
});

/** Reads CSV as RFC 4180 has it, by its own grammar and nothing of the code under test. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(
    /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g,
  )) {
    row.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end !== '\r\n') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

describe('the CSV of images', () => {
  it('gives back what the details say, whatever stands in a URL', () => {
    const urls = ['https://a.example/a,b', 'https://a.example/"c"', 'https://a.example/d\r\ne'];
    const rows = parse(imagesCsv({ images: urls.map((url) => image({ url })) }));
    expect(rows[0]).toEqual([
      'url',
      'status',
      'link',
      'deletehash',
      'code',
      'message',
      'bytes',
      'type',
    ]);
    expect(rows.slice(1).map(([url]) => url)).toEqual(urls);
    const { link, deletehash } = image({});
    expect(rows[1]?.slice(1)).toEqual(['complete', link, deletehash, '', '', '7', 'image/png']);
  });

  it('leaves empty what is not known, and tells why an image failed', () => {
    const error = { code: 'empty', message: 'Sent nothing, "really".', retryable: false } as const;
    const failed = image({
      status: 'failed',
      link: null,
      deletehash: null,
      error,
      bytes: null,
      type: null,
    });
    const rows = parse(imagesCsv({ images: [failed] }));
    expect(rows[1]?.slice(1)).toEqual(['failed', '', '', 'empty', error.message, '', '']);
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])('begins no formula: %j', (url) => {
    expect(parse(imagesCsv({ images: [image({ url })] }))[1]?.[0]).toBe(`'${url}`);
  });
});

describe('CSV is given', () => {
  it.each([
    ['text/csv', undefined, true],
    ['text/csv, application/json;q=0.5', undefined, true],
    ['text/csv;q=0.5, */*', undefined, false],
    ['text/csv;q=0', undefined, false],
    ['*/*', undefined, false],
    [undefined, undefined, false],
    ['application/json', 'csv', true],
    ['text/csv', 'json', false],
  ])('for Accept %s and format %s: %s', (accept, format, isGiven) => {
    expect(wantsCsv(accept, format)).toBe(isGiven);
  });
});
