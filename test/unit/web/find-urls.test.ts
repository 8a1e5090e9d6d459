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
    ['photo.jpg', 'Expected an absolute http or https URL, got "photo.jpg"'],
    ['www.a.example/1.png', 'Expected an absolute http or https URL, got "www.a.example/1.png"'],
    ['ftp://a.example/1', 'Expected an absolute http or https URL, got "ftp://a.example/1"'],
    ['https://u:p@a.example/', 'Expected a URL without credentials, got one that carries them'],
    ['https:\\\\a.example\\1', 'Expected a URL without "\\", got "https:\\\\\\\\a.example\\\\1"'],
    ['http://', 'Expected an absolute http or https URL, got "http://"'],
  ])('marks %s with the reason that the service would give', (text, problem) => {
    expect(findUrls(text)).toMatchObject({
      all: [{ text, kind: 'invalid', problem }],
      urls: [],
      invalid: 1,
    });
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
    .filter((url) => !/^[^/]+:https?:/i.test(url));
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
