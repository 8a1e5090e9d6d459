import fc from 'fast-check';
import { judgeAddress } from '../../../lib/net/address';
import { CLOSED_IPV4, dotted, edges, isClosedIPv4, isClosedIPv6 } from './oracle';

const isPublic = (address: string) => judgeAddress(address).public;

describe('the judgement of an address', () => {
  it.each(CLOSED_IPV4)('closes %s/%i from its first address to its last', (base, bits) => {
    const [first, last] = edges([base, bits]);
    expect(isPublic(dotted(first))).toBe(false);
    expect(isPublic(dotted(Math.floor((first + last) / 2)))).toBe(false);
    expect(isPublic(dotted(last))).toBe(false);
  });

  it.each([
    '1.0.0.0',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '168.63.129.15',
    '168.63.129.17',
    '169.253.255.255',
    '169.255.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '191.255.255.255',
    '192.0.1.0',
    '192.0.3.0',
    '192.31.195.255',
    '192.31.197.0',
    '192.88.98.255',
    '192.88.100.0',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '198.51.99.255',
    '198.51.101.0',
    '203.0.112.255',
    '203.0.114.0',
    '223.255.255.255',
    '8.8.8.8',
  ])('leaves %s open, at or near the edge of a closed range', (address) => {
    expect(judgeAddress(address)).toEqual({ public: true });
  });

  it.each([
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    // ipaddr.js takes this one spelling for the mapped address; closed either way.
    ['::127.0.0.1', 'IPv4-'],
    ['::808:808', 'IPv4-compatible'],
    ['::ffff:8.8.8.8', 'IPv4-mapped'],
    ['::ffff:7f00:1', 'IPv4-mapped'],
    ['::ffff:0:8.8.8.8', 'IPv4-translated'],
    ['64:ff9b::808:808', 'NAT64'],
    ['64:ff9b:1:ffff:ffff:ffff:ffff:ffff', 'local-use NAT64'],
    ['64:ff9b:2::1', 'outside 2000::/3'],
    ['100::1', 'discard'],
    ['100:0:0:1::1', 'dummy prefix'],
    ['1fff:ffff::1', 'outside 2000::/3'],
    ['2001::1', 'Teredo'],
    ['2001:1::1', 'IETF protocol assignments'],
    ['2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff', 'IETF protocol assignments'],
    ['2001:db8:ffff::', 'documentation'],
    ['2002:808:808::1', '6to4'],
    ['2620:4f:8000:ffff::1', 'AS112'],
    ['3ffe:831f::1', '6bone'],
    ['3fff:fff:ffff::1', 'documentation'],
    ['4000::', 'outside 2000::/3'],
    ['5f00::1', 'segment routing'],
    ['fc00::1', 'unique local'],
    ['fdff::1', 'unique local'],
    ['fe80::1', 'link-local'],
    ['febf::1', 'link-local'],
    ['fec0::1', 'site-local'],
    ['ff0e::1', 'multicast'],
    ['2606:4700::5efe:808:808', 'ISATAP'],
    ['2606:4700::200:5efe:808:808', 'ISATAP'],
    ['2606:4700::300:5efe:808:808', 'ISATAP'],
  ])('closes %s and says why: %s', (address, why) => {
    expect(judgeAddress(address)).toEqual({
      public: false,
      why: expect.stringContaining(why) as string,
    });
  });

  it.each([
    '2000::1',
    '2001:200::1',
    '2001:db7:ffff::1',
    '2001:db9::1',
    '2003::1',
    '2606:4700::1111',
    '2620:4f:7fff::1',
    '2620:4f:8001::1',
    '3ffd::1',
    '3fff:1000::1',
    '2606:4700::1:5efe:808:808',
    '2606:4700::5eff:808:808',
  ])('leaves %s open', (address) => {
    expect(judgeAddress(address)).toEqual({ public: true });
  });

  it.each([
    '',
    ' 8.8.8.8',
    '8.8.8',
    '8.8.8.8.',
    '08.8.8.8',
    '0x8.8.8.8',
    '134744072',
    '8.8.8.256',
    '[2606:4700::1111]',
    '2606:4700::1111%eth0',
    'fe80::1%1',
    '2606:4700:::1',
    'example.com',
    '8.8.8.8/32',
  ])('takes %j, which is no address in its usual spelling, for not public', (text) => {
    expect(judgeAddress(text)).toEqual({ public: false, why: 'not an IP address' });
  });

  it('agrees with an independent oracle on every IPv4 address', () => {
    const nearEdge = fc
      .tuple(fc.constantFrom(...CLOSED_IPV4.flatMap(edges)), fc.integer({ min: -2, max: 2 }))
      .map(([edge, offset]) => (edge + offset + 2 ** 32) % 2 ** 32);
    fc.assert(
      fc.property(fc.oneof(fc.nat(2 ** 32 - 1), nearEdge), (value) => {
        expect(isPublic(dotted(value))).toBe(!isClosedIPv4(dotted(value)));
      }),
      { numRuns: 3000 },
    );
  });

  it('agrees with an independent oracle on every IPv6 address', () => {
    const group = fc.nat(0xffff);
    const first = fc.oneof(group, fc.constantFrom(0x2001, 0x2002, 0x2620, 0x3fff, 0x2606, 0));
    const second = fc.oneof(group, fc.constantFrom(0, 0x1ff, 0x200, 0xdb8, 0x4f, 0xfff, 0x1000));
    const third = fc.oneof(group, fc.constantFrom(0x8000, 0));
    const fifth = fc.oneof(group, fc.constantFrom(0, 0x200));
    const sixth = fc.oneof(group, fc.constantFrom(0x5efe));
    fc.assert(
      fc.property(fc.tuple(first, second, third, group, fifth, sixth, group, group), (groups) => {
        const text = groups.map((part) => part.toString(16)).join(':');
        expect(isPublic(text)).toBe(!isClosedIPv6(groups));
      }),
      { numRuns: 3000 },
    );
  });
});
