import fc from 'fast-check';
import { parseLocation, parseSourceUrl, sourceKey } from '../../../lib/net/source-url';

const hrefOf = (text: string) => {
  const parsed = parseSourceUrl(text);
  return parsed.ok ? parsed.url.href : parsed.problem;
};
const problemOf = (text: string) => {
  const parsed = parseSourceUrl(text);
  return parsed.ok ? null : parsed.problem;
};

describe('a submitted URL', () => {
  it.each([
    ['  https://example.com/a.png\n', 'https://example.com/a.png'],
    ['\ufeffhttps://example.com/\u00a0', 'https://example.com/'],
    ['HTTPS://EXAMPLE.com:443/A.png?b=C#d', 'https://example.com/A.png?b=C'],
    ['http://example.com/#', 'http://example.com/'],
    ['http://example.com./a', 'http://example.com/a'],
    ['http://example.com.:8080/a', 'http://example.com:8080/a'],
    ['http://münchen.de/ä b', 'http://xn--mnchen-3ya.de/%C3%A4%20b'],
    ['http://my_bucket.example.com/', 'http://my_bucket.example.com/'],
    ['http://[2606:4700::1111]/', 'http://[2606:4700::1111]/'],
    ['https://example.com/@me/a.png?b=\\@c', 'https://example.com/@me/a.png?b=\\@c'],
  ])('%j is read as %s', (text, href) => {
    expect(hrefOf(text)).toBe(href);
  });

  it.each([
    'http:///example.com/',
    'http:////example.com/',
    'http:\\example.com',
    'http:/\\example.com/',
    'http://example.com\\.evil.com/',
    'http://example.com/a\\b.png',
    'http://a;b.com/',
    "http://a'b.com/",
    'http://exa＠mple.com/',
    'http://me%40example.com/',
    'http://exam\tple.com/',
    'ht\ntp://example.com/',
    'http://example.com/\u0000',
    'http://example.com/\u0085a',
    'http://./',
    'http://-..-/',
  ])('%j is refused', (text) => {
    expect(parseSourceUrl(text).ok).toBe(false);
  });

  it('may have a label of 63 characters and no longer one', () => {
    expect(problemOf(`http://${'a'.repeat(63)}.com/`)).toBeNull();
    expect(problemOf(`http://${'a'.repeat(64)}.com/`)).toContain('labels of 1 to 63');
  });

  it('may have a host of 253 characters, a root dot apart, and no longer one', () => {
    const host = `${'abc.'.repeat(62)}abcde`;
    expect(host).toHaveLength(253);
    expect(problemOf(`http://${host}./`)).toBeNull();
    expect(problemOf(`http://${host}f/`)).toContain('253 in all');
  });

  it('may have 2,048 characters before its query and no more', () => {
    const url = `http://example.com/${'a'.repeat(2029)}`;
    expect(url).toHaveLength(2048);
    expect(problemOf(`${url}?${'b'.repeat(6000)}`)).toBeNull();
    expect(problemOf(`${url}a`)).toBe(
      'Expected at most 2048 characters before the query of a URL, got 2049',
    );
  });

  it('may have 8,192 characters in all and no more', () => {
    const url = `http://example.com/?${'a'.repeat(8172)}`;
    expect(url).toHaveLength(8192);
    expect(problemOf(url)).toBeNull();
    expect(problemOf(`${url}a`)).toBe('Expected a URL of at most 8192 characters, got 8193');
  });

  it.each([
    ['', 'Expected an absolute http or https URL, got an empty text'],
    ['ftp://example.com/a', 'Expected an absolute http or https URL, got "ftp://example.com/a"'],
    ['//example.com/a', 'Expected an absolute http or https URL, got "//example.com/a"'],
    ['http://exam ple/', 'Expected a valid http or https URL, got "http://exam ple/"'],
    ['http://a/\n', null],
    ['http://a\tb/', 'Expected a URL without control characters, got "http://a\\tb/"'],
    ['http:\\\\a', 'Expected a URL without "\\", got "http:\\\\\\\\a"'],
    ['http://u:p@a/', 'Expected a URL without credentials, got one that carries them'],
    ['ftp://u:p@a/', 'Expected an absolute http or https URL, got "ftp://…"'],
    ['http:/a?sig=s3cret', 'Expected an absolute http or https URL, got "http:/a?***"'],
  ])('%j is answered with %j', (text, problem) => {
    expect(problemOf(text)).toBe(problem);
  });

  it('is shortened where it is repeated', () => {
    expect(problemOf(`ftp://${'x'.repeat(1000)}`)).toBe(
      `Expected an absolute http or https URL, got "ftp://${'x'.repeat(94)}…"`,
    );
  });

  it('never throws, whatever the text, and never repeats a password or a query value', () => {
    const secret = fc.stringMatching(/^[g-z]{12}$/);
    const prefix = fc.constantFrom(
      '',
      'http://',
      'https://',
      'http:/',
      'ftp://',
      '//',
      'http:\\\\',
    );
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl(), fc.string());
    fc.assert(
      fc.property(prefix, text, secret, fc.constantFrom('?', '@'), text, (a, b, s, mark, c) => {
        const given = mark === '@' ? `${a}u:${s}@${b}${c}` : `${a}${b}?k=${s}&${c}`;
        const problem = problemOf(given);
        expect(problem ?? '').not.toContain(s);
        expect(problem ?? 'Expected').toMatch(/^Expected/);
        parseSourceUrl(b);
      }),
      { numRuns: 1000 },
    );
  });

  it('can be read again as what it was read as', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (text) => {
        const href = hrefOf(text);
        expect(hrefOf(href)).toBe(href);
        expect(href).toMatch(/^https?:\/\/[^#@]+/);
      }),
    );
  });
});

describe('the key of a source', () => {
  it.each([
    ['http://EXAMPLE.com:80/a#b', 'http://example.com./a'],
    ['http://münchen.de/', 'http://xn--mnchen-3ya.de#x'],
    ['http://exa%6dple.com/b/../a', 'http://example.com/a'],
  ])('is the same for %s and %s', (left, right) => {
    const keys = [left, right].map((text) => {
      const parsed = parseSourceUrl(text);
      return parsed.ok ? sourceKey(parsed.url) : parsed.problem;
    });
    expect(keys[0]).toMatch(/^http:/);
    expect(keys[0]).toBe(keys[1]);
  });

  it('leaves the fragment out, keeps the query', () => {
    expect(sourceKey(new URL('http://a/?b=%23#c'))).toBe('http://a/?b=%23');
    expect(sourceKey(new URL('http://a/?b=1'))).not.toBe(sourceKey(new URL('http://a/?b=2')));
  });
});

describe('the Location of a redirect', () => {
  const base = new URL('https://example.com/dir/page?q=1');

  it.each([
    ['/a.png', 'https://example.com/a.png'],
    ['a.png', 'https://example.com/dir/a.png'],
    ['?r=2', 'https://example.com/dir/page?r=2'],
    ['//cdn.example.com/a', 'https://cdn.example.com/a'],
    [' http://other.example.com/a#b ', 'http://other.example.com/a'],
    ['/\u00c3\u00a4.png', 'https://example.com/%C3%A4.png'],
    ['/\u00e4.png', 'https://example.com/%C3%A4.png'],
  ])('%j leads to %s', (location, href) => {
    const parsed = parseLocation(location, base);
    expect(parsed.ok && parsed.url.href).toBe(href);
  });

  it.each([
    '',
    '///evil.com/',
    '/\\evil.com/',
    '\\\\evil.com\\',
    '//u:p@example.com/',
    '//@example.com/',
    'http://u:p@example.com/',
    'http:a.png',
    'ftp://example.com/',
    'data:image/png;base64,AA',
    'a\tb',
    '//exa..mple/',
    `/${'a'.repeat(3000)}`,
  ])('%j is unusable', (location) => {
    expect(parseLocation(location, base).ok).toBe(false);
  });

  it('never throws, and a relative one never leaves its host', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (location) => {
        const parsed = parseLocation(`/a${location}`, base);
        expect(parsed.ok ? parsed.url.host : base.host).toBe(base.host);
        expect(parseLocation(location, base)).toHaveProperty('ok');
      }),
      { numRuns: 1000 },
    );
  });
});
