import fc from 'fast-check';
import fs from 'node:fs';
import path from 'node:path';
import { parseUploadRequest } from '../../../lib/http/upload-request';
import { findUrls } from '../../../web/find-urls';

const texts = (text: string): string[] => findUrls(text).all.map((found) => found.text);

describe('finding URLs in a text', () => {
  it.each([
    ['one a line', 'https://a.example/1\nhttp://a.example/2\r\nhttps://a.example/3', 3],
    ['blank lines and blanks around', '\n  https://a.example/1  \n\n', 1],
    ['nothing', '', 0],
    ['prose without URLs', 'Hello there.\nPhotos:\nnone', 0],
  ])('%s', (_what, text, count) => {
    expect(findUrls(text).urls).toHaveLength(count);
    expect(findUrls(text).all).toHaveLength(count);
  });

  it.each([
    ['a sentence', 'See https://a.example/1.png, or https://a.example/2.png!'],
    ['brackets', '(https://a.example/1.png) [https://a.example/2.png]'],
    ['Markdown', '![one](https://a.example/1.png) and [two](https://a.example/2.png)'],
    ['HTML', `<img src="https://a.example/1.png"><img src='https://a.example/2.png'>`],
    ['JSON', '{"urls": ["https://a.example/1.png", "https://a.example/2.png"]}'],
    ['commas without blanks', 'https://a.example/1.png,https://a.example/2.png'],
    ['a list in quotes', '"https://a.example/1.png",\n"https://a.example/2.png",'],
    ['angle brackets', '<https://a.example/1.png> <https://a.example/2.png>'],
  ])('in %s', (_what, text) => {
    expect(texts(text)).toEqual(['https://a.example/1.png', 'https://a.example/2.png']);
  });

  it.each([
    'https://a.example/a_(1).png',
    'https://a.example/a,b;c.png?list=1,2&x={y}|z',
    'https://a.example/?next=https://b.example/b.png',
    'https://a.example/ü.png',
    'https://a.example/what?',
  ])('keeps a URL alone on its line as it stands: %s', (url) => {
    expect(texts(`  ${url} `)).toEqual([url]);
    expect(findUrls(url).invalid).toBe(0);
  });

  it('keeps brackets that belong to a URL in a sentence', () => {
    expect(texts('Look (at https://a.example/a_(1).png).')).toEqual([
      'https://a.example/a_(1).png',
    ]);
  });

  it('undoes the escapes of an attribute', () => {
    expect(texts('<img src="https://a.example/?a=1&amp;b=2">')).toEqual([
      'https://a.example/?a=1&b=2',
    ]);
  });

  it.each([
    ['photo.jpg', 'It is no link: links begin with https://'],
    ['www.a.example/1.png', 'It is no link: links begin with https://'],
    ['ftp://a.example/1', 'Only http and https links can be fetched, not ftp'],
    ['https://u:p@a.example/', 'There is a name or a password in it: leave them out'],
    ['https:\\\\a.example\\1', 'There is a backslash in it: write / instead'],
    ['http://', 'It is not a whole address'],
    ['http://a..example/', 'The name of its host is not a valid one'],
    [`http://a.example/${'x'.repeat(2100)}`, 'It is too long'],
  ])('marks %s with the reason in words', (text, problem) => {
    expect(findUrls(text)).toMatchObject({
      all: [{ text, kind: 'invalid', problem }],
      urls: [],
      invalid: 1,
    });
  });

  it.each([
    ['a table with a cell before', 'foo,http://a.example/a.png,12', ['http://a.example/a.png']],
    ['a table with a cell behind', 'http://a.example/a.png,12', ['http://a.example/a.png']],
    ['semicolons', 'foo;http://a.example/a.png;12', ['http://a.example/a.png']],
    ['quoted cells', '"foo, bar","http://a.example/a,b.png","12"', ['http://a.example/a,b.png']],
    [
      'a table with a header',
      'url,size\nhttp://a.example/1?x,12\nhttp://a.example/2?y,9',
      ['http://a.example/1?x', 'http://a.example/2?y'],
    ],
    [
      'BBCode',
      '[img]http://a.example/a.png[/img][IMG]http://a.example/b.png[/IMG]',
      ['http://a.example/a.png', 'http://a.example/b.png'],
    ],
    [
      'BBCode of a picture in a link',
      '[url=http://a.example/page][img]http://a.example/a.png[/img][/url]',
      ['http://a.example/page', 'http://a.example/a.png'],
    ],
    [
      'JSON with escapes',
      '{"a":"http:\\/\\/a.example\\/a.png?x=1\\u0026y=2"}',
      ['http://a.example/a.png?x=1&y=2'],
    ],
    [
      'HTML with sizes',
      '<img alt="a > b" src="http://a.example/s.png"\n srcset="http://a.example/1.png 1x, http://a.example/2.png 2x">',
      ['http://a.example/2.png'],
    ],
    [
      'HTML with escapes and blanks',
      "<p><IMG src='http://a.example/my cat.png?a=1&amp;b=2'></p>",
      ['http://a.example/my%20cat.png?a=1&b=2'],
    ],
    ['HTML without quotes', '<img src=//a.example/a.png>', ['https://a.example/a.png']],
    [
      'the scheme left out',
      '//a.example/a.png and (//b.example/b.png)',
      ['https://a.example/a.png', 'https://b.example/b.png'],
    ],
    ['blanks', 'http://a.example/my cat.png', ['http://a.example/my%20cat.png']],
    ['blanks in quotes', '["http://a.example/my cat.png"]', ['http://a.example/my%20cat.png']],
    ['a word behind', 'http://a.example/a.png cat.png', ['http://a.example/a.png']],
    [
      'a list of sizes in a path',
      'http://a.example/w_1,h_2/a.png',
      ['http://a.example/w_1,h_2/a.png'],
    ],
    ['a comment of code', '// see a.b', []],
  ])('reads %s', (_what, text, urls) => {
    expect(findUrls(text).urls).toEqual(urls);
  });

  it('says what it did to a link', () => {
    const { all } = findUrls('//a.example/a.png\nhttp://a.example/a b.png\nhttp://a.example/');
    expect(all.map(({ note }) => note)).toEqual([
      'Taken as https',
      'Blanks are written as %20',
      null,
    ]);
  });

  it('offers https for a host with a path, and takes it once that is accepted', () => {
    const text = 'example.com/pic.jpg\nphoto.jpg';
    expect(findUrls(text)).toMatchObject({ urls: [], invalid: 2, withoutScheme: 1 });
    const accepted = findUrls(text, { assumeHttps: true });
    expect(accepted.urls).toEqual(['https://example.com/pic.jpg']);
    expect(accepted.withoutScheme).toBe(0);
  });

  it('names the lines without a link', () => {
    expect(findUrls('My cats:\n---\nhttp://a.example/1.png\nnone here').ignored).toEqual([
      'My cats:',
      'none here',
    ]);
  });

  it('counts duplicates by meaning, and keeps the first spelling', () => {
    const found = findUrls('HTTPS://A.example:443/x#1\nhttps://a.example/x\nhttps://a.example/x#2');
    expect(found).toMatchObject({ urls: ['HTTPS://A.example:443/x#1'], duplicates: 2 });
    expect(found.all.map(({ kind }) => kind)).toEqual(['valid', 'duplicate', 'duplicate']);
  });

  it('reads a long list in a moment', () => {
    const list = Array.from({ length: 1000 }, (_, n) => `https://a.example/albums/${n}.png`);
    expect(findUrls(list.join('\n')).urls).toEqual(list);
    expect(findUrls(`${'a:'.repeat(50_000)}\n${'('.repeat(50_000)}`).urls).toEqual([]);
  });
});

describe('the service and the page', () => {
  const lines = fs.readFileSync(path.join(__dirname, '../../fixtures/vectors/urls.jsonl'), 'utf8');
  const oneWord = lines
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { url: string })
    .map(({ url }) => url)
    .filter((url) => /^[^\s<>"`]+[^\s<>"`,;]$/.test(url))
    // Inside a text, `url:http://…` is a URL behind a word.
    .filter((url) => !/^[^/]+:https?:/i.test(url))
    // The page adds the scheme that was left out.
    .filter((url) => !url.startsWith('//'));
  const isTaken = (url: string): boolean => {
    try {
      return parseUploadRequest({ urls: [url] }, 1).urls.length === 1;
    } catch {
      return false;
    }
  };

  it.each(oneWord)('agree on %s', (url) => {
    expect(findUrls(url).urls).toEqual(isTaken(url) ? [url] : []);
  });

  it('agree on whatever is pasted: what is found is taken whole', () => {
    const word = fc.oneof(
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc.string(),
      fc.constantFrom('https://', 'http:\\\\', 'http://a.example/1', '://', '(', ')', '",', '.'),
    );
    const text = fc
      .array(fc.tuple(word, fc.constantFrom('', ' ', '\n', ',')))
      .map((words) => words.flat().join(''));
    fc.assert(
      fc.property(text, (pasted) => {
        const { urls } = findUrls(pasted);
        if (urls.length === 0) return;
        expect(parseUploadRequest({ urls }, urls.length).urls).toEqual(urls);
      }),
      { numRuns: 1000 },
    );
  });
});
