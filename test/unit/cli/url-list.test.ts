import { itemsOf, judge } from '../../../cli/url-list';

describe('a list of URLs', () => {
  it('has one URL a line, named by its line', () => {
    const text = '\uFEFF# pictures\nhttps://a.example/1\r\n\r\n  https://a.example/2  \n#x';
    expect(itemsOf(text, 'list.txt')).toEqual([
      { url: 'https://a.example/1', where: 'list.txt:2' },
      { url: 'https://a.example/2', where: 'list.txt:4' },
    ]);
  });

  it('is judged as a whole: duplicates left out, every bad line named', () => {
    const text = [
      'https://a.example/1#top',
      'https://A.example/1',
      'ftp://a.example/',
      'https://a.example/2',
      'cat.jpg',
    ].join('\n');
    const { items, duplicates, problems } = judge(itemsOf(text, '-'));
    expect(items.map(({ url }) => url)).toEqual(['https://a.example/1#top', 'https://a.example/2']);
    expect(duplicates).toBe(1);
    expect(problems).toEqual([
      expect.stringMatching(/^-:3: Expected an absolute http or https URL, got/),
      expect.stringMatching(/^-:5: Expected an absolute http or https URL, got/),
    ]);
  });
});
