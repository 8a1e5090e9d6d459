import { loadConfig } from '../../../lib/config';
import { clientAddress } from '../../../lib/http/client-address';

const { trustedProxies } = loadConfig({ TRUSTED_PROXIES: '10.0.0.0/8,fd00::/8,127.0.0.1/32' });

describe('the address of who made a request', () => {
  it.each([
    ['nobody says anything', '192.0.2.1', undefined, '192.0.2.1'],
    ['the peer is no trusted proxy, whatever it says', '192.0.2.1', '198.51.100.7', '192.0.2.1'],
    ['a proxy tells it', '10.0.0.1', '198.51.100.7', '198.51.100.7'],
    ['a proxy tells nothing', '10.0.0.1', undefined, '10.0.0.1'],
    ['a proxy tells an empty header', '10.0.0.1', '', '10.0.0.1'],
    ['the client wrote a header itself', '10.0.0.1', '1.1.1.1, 198.51.100.7', '198.51.100.7'],
    ['it came by several proxies', '127.0.0.1', '198.51.100.7,10.0.0.9 , 10.0.0.1', '198.51.100.7'],
    ['all of them are proxies', '127.0.0.1', '10.0.0.9, 10.0.0.1', '10.0.0.9'],
    ['the peer is an IPv4 one of an IPv6 socket', '::ffff:10.0.0.1', '192.0.2.5', '192.0.2.5'],
    ['a hop is such a one', '127.0.0.1', '::ffff:192.0.2.5', '192.0.2.5'],
    ['it is IPv6, in another spelling', 'fd00::1', '2001:DB8:0:0::7', '2001:db8::7'],
    ['an entry has a port', '10.0.0.1', '198.51.100.7:4711', '198.51.100.7'],
    ['an IPv6 entry has a port', '10.0.0.1', '[2001:db8::7]:4711', '2001:db8::7'],
    ['an IPv6 entry has only brackets', '10.0.0.1', '[2001:db8::7]', '2001:db8::7'],
    ['an entry is none', '10.0.0.1', '1.1.1.1, unknown', '10.0.0.1'],
    ['an entry is none, behind another proxy', '127.0.0.1', '_hidden, 10.0.0.9', '10.0.0.9'],
    ['an entry would break a line', '10.0.0.1', '1.1.1.1\n{"a":1}', '10.0.0.1'],
    ['an entry is a lenient spelling', '10.0.0.1', '0x7f.1', '10.0.0.1'],
    ['even the peer is unknown', undefined, '198.51.100.7', null],
    ['the peer is no address', '/run/socket', '198.51.100.7', null],
  ])('when %s', (_when, peer, forwardedFor, expected) => {
    expect(clientAddress(peer, forwardedFor, trustedProxies)).toBe(expected);
  });

  it('is that of the peer where no proxy is trusted', () => {
    expect(clientAddress('127.0.0.1', '198.51.100.7', [])).toBe('127.0.0.1');
  });
});
