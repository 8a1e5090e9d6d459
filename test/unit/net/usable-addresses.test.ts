import type { LookupAddress } from 'node:dns';
import { usableAddresses } from '../../../lib/net/usable-addresses';

const V4: LookupAddress = { address: '93.184.215.14', family: 4 };
const V6: LookupAddress = { address: '2606:2800:21f::1', family: 6 };
const LOOPBACK_V4: LookupAddress = { address: '127.0.0.1', family: 4 };
const LOOPBACK_V6: LookupAddress = { address: '::1', family: 6 };
const LOOPBACK = ['127.0.0.1', '::1'];

describe('of the addresses of a source', () => {
  it.each([
    ['both families', [...LOOPBACK, '10.0.0.7', '2001:db8::7'], [V6, V4]],
    ['both families, though IPv6 is local', [...LOOPBACK, '10.0.0.7', 'fd00::7'], [V6, V4]],
    ['no IPv6', ['127.0.0.1', '10.0.0.7'], [V4]],
    ['no IPv6 but on loopback and on its link', [...LOOPBACK, '10.0.0.7', 'fe80::7'], [V4]],
    ['no IPv4', [...LOOPBACK, '2001:db8::7'], [V6]],
    ['no IPv4 but what it gave itself', ['169.254.7.7', '2001:db8::7'], [V6]],
    ['no address at all', [], [V6, V4]],
    ['no address but loopback', LOOPBACK, [V6, V4]],
  ])('a machine with %s tries what it can reach', (_what, own, expected) => {
    expect(usableAddresses([V6, V4], own)).toEqual(expected);
  });

  it.each([
    ['without IPv6', ['10.0.0.7']],
    ['without IPv4', ['2001:db8::7']],
    ['without anything', []],
  ])('those of loopback stay on a machine %s', (_what, own) => {
    const loopback = [LOOPBACK_V4, LOOPBACK_V6];
    expect(usableAddresses(loopback, own)).toEqual(loopback);
  });

  it('those on its own link stay', () => {
    const near: LookupAddress = { address: '169.254.1.1', family: 4 };
    expect(usableAddresses([near, V6], ['2001:db8::7'])).toEqual([near, V6]);
  });
});
