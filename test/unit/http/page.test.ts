import { createPage } from '../../../lib/http/page';

const page = { html: '<!doctype html>', scriptHash: "'sha256-a'", styleHash: "'sha256-b'" };
const policyWith = (publicUrl: string, imgurApiUrl: string | null): string =>
  createPage(page, { publicUrl, imgurApiUrl })(undefined).headers['content-security-policy']!;

describe('the answer that brings the page', () => {
  it.each([
    ['the service itself with the embedded Imgur', null, 'http://relay.example:3000'],
    ['i.imgur.com with Imgur', 'https://api.imgur.com', 'https://i.imgur.com'],
    ['anywhere with a stand-in', 'https://imgur.com.example', 'https: http:'],
  ])('lets pictures come from %s', (_where, imgurApiUrl, hosts) => {
    const policy = policyWith('http://relay.example:3000/path', imgurApiUrl);
    expect(policy).toContain(`; img-src 'self' data: ${hosts};`);
    expect(policy).toContain("default-src 'none'; script-src 'sha256-a'; style-src 'sha256-b'");
  });

  it.each([
    ['the same', '"%"', 304],
    ['one of several, weak', 'W/"x", W/"%"', 304],
    ['another', '"x"', 200],
  ])('is empty where the browser has %s already', (_what, template, status) => {
    const config = { publicUrl: 'http://localhost:3000', imgurApiUrl: null };
    const answerTo = createPage(page, config);
    const etag = answerTo(undefined).headers['etag']!.replaceAll('"', '');
    const answer = answerTo(template.replace('%', etag));
    expect([answer.statusCode, answer.body]).toEqual([status, status === 304 ? '' : page.html]);
  });
});
