import { urlToHttpOptions } from 'node:url';
import { requestTarget } from '../../../lib/net/request-target';

describe('requestTarget', () => {
  it.each([
    'http://example.com/',
    'http://example.com/a/b.jpg?width=1&sig=%20x',
    'https://example.com:8443/?q',
    'http://[2001:db8::1]:8080/a.png',
    'http://bücher.example/%e2%82%ac.png',
  ])('leads where Node itself would go for %s', (text) => {
    const url = new URL(text);
    const { protocol, hostname, path, port } = urlToHttpOptions(url);
    const { port: ownPort = '', ...target } = requestTarget(url);
    expect(target).toEqual({ protocol, hostname, path });
    expect(Number(ownPort)).toBe(Number(port ?? 0));
  });

  it('takes neither credentials nor a fragment along', () => {
    const target = requestTarget(new URL('http://me:secret@example.com/a#b'));
    expect(target).toEqual({ protocol: 'http:', hostname: 'example.com', path: '/a' });
  });
});
