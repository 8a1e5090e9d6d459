import { csvItems } from '../../../cli/csv-list';
import { imagesCsv } from '../../../lib/http/csv';

const urlsOf = (text: string): string[] => csvItems(text, 'list.csv').map(({ url }) => url);

describe('the URLs of a CSV', () => {
  it('are those of the column of that name', () => {
    const text = 'name,URL\r\n"a, ""b""",https://a.example/1\r\nc,"https://a.example/2,3"\r\n\r\n';
    expect(urlsOf(text)).toEqual(['https://a.example/1', 'https://a.example/2,3']);
    expect(csvItems(text, 'list.csv')[1]?.where).toBe('list.csv, row 3');
  });

  it('are those of the first column that has one, with a title or without', () => {
    expect(urlsOf('title,picture\nx,https://a.example/1\ny,https://a.example/2')).toEqual([
      'https://a.example/1',
      'https://a.example/2',
    ]);
    expect(urlsOf('\uFEFFhttps://a.example/1\nnonsense')).toEqual([
      'https://a.example/1',
      'nonsense',
    ]);
    expect(urlsOf('')).toEqual([]);
  });

  it('come back out of the results', () => {
    const unknown = { link: null, deletehash: null, error: null, bytes: null, type: null };
    const url = 'https://a.example/"x",y';
    const images = [{ ...unknown, url, status: 'pending' as const, attempts: 0, durationMs: null }];
    expect(urlsOf(imagesCsv({ images }))).toEqual([url]);
  });
});
