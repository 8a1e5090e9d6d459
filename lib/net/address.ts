import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export type Verdict = { public: true } | { public: false; why: string };

export type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Row = readonly [cidr: string, what: string, source: string];
type Rule<A extends Address> = { base: A; bits: number; why: string };

/**
 * Every IPv4 range that is not plain unicast on the public internet (IANA IPv4 Special-Purpose
 * Address Registry). Some of them are globally reachable by the registry, yet hold infrastructure
 * and no pictures; they are closed all the same.
 */
const IPV4_ROWS: readonly Row[] = [
  ['0.0.0.0/8', 'this network; reaches the machine itself on Linux', 'RFC 791'],
  ['10.0.0.0/8', 'private use', 'RFC 1918'],
  ['100.64.0.0/10', 'shared address space of carriers; Alibaba metadata', 'RFC 6598'],
  ['127.0.0.0/8', 'loopback', 'RFC 1122'],
  ['168.63.129.16/32', 'Azure WireServer, numbered like a public address', 'Azure documentation'],
  ['169.254.0.0/16', 'link-local; the metadata services of most clouds', 'RFC 3927'],
  ['172.16.0.0/12', 'private use', 'RFC 1918'],
  ['192.0.0.0/24', 'IETF protocol assignments; Oracle Cloud metadata', 'RFC 6890'],
  ['192.0.2.0/24', 'documentation (TEST-NET-1)', 'RFC 5737'],
  ['192.31.196.0/24', 'AS112 anycast', 'RFC 7535'],
  ['192.52.193.0/24', 'automatic multicast tunnelling', 'RFC 7450'],
  ['192.88.99.0/24', 'deprecated 6to4 relay anycast', 'RFC 7526'],
  ['192.168.0.0/16', 'private use', 'RFC 1918'],
  ['192.175.48.0/24', 'AS112 delegation', 'RFC 7534'],
  ['198.18.0.0/15', 'benchmarking; fake answers of some VPNs', 'RFC 2544'],
  ['198.51.100.0/24', 'documentation (TEST-NET-2)', 'RFC 5737'],
  ['203.0.113.0/24', 'documentation (TEST-NET-3)', 'RFC 5737'],
  ['224.0.0.0/4', 'multicast', 'RFC 5771'],
  ['255.255.255.255/32', 'limited broadcast', 'RFC 919'],
  ['240.0.0.0/4', 'reserved', 'RFC 1112'],
];

/**
 * IPv6 ranges with a name (IANA IPv6 Special-Purpose Address Registry), the first match telling
 * why. An address that embeds an IPv4 one is closed whatever it embeds: no honest picture lives
 * there, and where it ends up is decided by a translator that we cannot see.
 */
const IPV6_ROWS: readonly Row[] = [
  ['::/128', 'unspecified', 'RFC 4291'],
  ['::1/128', 'loopback', 'RFC 4291'],
  ['::/96', 'IPv4-compatible', 'RFC 4291'],
  ['::ffff:0:0/96', 'IPv4-mapped', 'RFC 4291'],
  ['::ffff:0:0:0/96', 'IPv4-translated', 'RFC 2765'],
  ['64:ff9b::/96', 'NAT64', 'RFC 6052'],
  ['64:ff9b:1::/48', 'local-use NAT64', 'RFC 8215'],
  ['100::/64', 'discard', 'RFC 6666'],
  ['100:0:0:1::/64', 'dummy prefix', 'RFC 9780'],
  ['2001::/32', 'Teredo', 'RFC 4380'],
  ['2001::/23', 'IETF protocol assignments', 'RFC 2928'],
  ['2001:db8::/32', 'documentation', 'RFC 3849'],
  ['2002::/16', '6to4', 'RFC 3056'],
  ['2620:4f:8000::/48', 'AS112 delegation', 'RFC 7534'],
  ['3ffe::/16', 'returned 6bone space', 'RFC 3701'],
  ['3fff::/20', 'documentation', 'RFC 9637'],
  ['5f00::/16', 'segment routing identifiers', 'RFC 9602'],
  ['fc00::/7', 'unique local; metadata services of AWS and GCP', 'RFC 4193'],
  ['fe80::/10', 'link-local', 'RFC 4291'],
  ['fec0::/10', 'deprecated site-local', 'RFC 3879'],
  ['ff00::/8', 'multicast', 'RFC 4291'],
];

/** All that IANA has ever given out for global unicast: what is outside needs no name (RFC 4291). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

const OPEN: Verdict = Object.freeze({ public: true });

function rules<A extends Address>(rows: readonly Row[], parse: (cidr: string) => [A, number]) {
  return rows.map(([cidr, what, source]): Rule<A> => {
    const [base, bits] = parse(cidr);
    return { base, bits, why: `${cidr} is ${what} (${source})` };
  });
}

const IPV4_RULES = rules(IPV4_ROWS, (cidr) => ipaddr.IPv4.parseCIDR(cidr));
const IPV6_RULES = rules(IPV6_ROWS, (cidr) => ipaddr.IPv6.parseCIDR(cidr));

/**
 * An ISATAP interface identifier (RFC 5214 section 6.1) sends to the IPv4 address in its last 32
 * bits, under whatever prefix it stands; the u and g bits of its first byte do not matter.
 */
function isIsatap(address: ipaddr.IPv6): boolean {
  const [, , , , high = 0, low = 0] = address.parts;
  return (high & ~0x0300) === 0 && low === 0x5efe;
}

/**
 * Reads an address in its one usual spelling: dotted decimal, or RFC 4291 without a zone. The
 * lenient spellings that ipaddr.js takes (`0x7f.1`, `127.1`, `fe80::1%eth0`) give null, since
 * parsers do not agree on them.
 */
export function parseAddress(text: string): Address | null {
  const version = isIP(text);
  // Every picture's host passes here. ipaddr.js would match several patterns, to learn what is known.
  if (version === 4) return new ipaddr.IPv4(text.split('.').map(Number));
  return version === 0 || text.includes('%') ? null : ipaddr.IPv6.parse(text);
}

/** Whether a network (base, length of its prefix) holds an address. */
export function isWithin([base, bits]: readonly [Address, number], address: Address): boolean {
  // An IPv4-mapped address is not taken for the IPv4 one: no resolver has a reason to give it.
  return base.kind() === address.kind() && address.match(base, bits);
}

/**
 * Is this the address of a machine on the public internet, i.e. globally routable unicast?
 * Fails closed: what cannot be read is not public. `why` is for logs and tests, not for clients.
 */
export function judgeAddress(address: string): Verdict {
  const parsed = parseAddress(address);
  return parsed === null ? { public: false, why: 'not an IP address' } : judgeParsed(parsed);
}

/** Like {@link judgeAddress}, of an address that is already parsed. */
export function judgeParsed(address: Address): Verdict {
  if (address instanceof ipaddr.IPv4) {
    const rule = IPV4_RULES.find(({ base, bits }) => address.match(base, bits));
    return rule ? { public: false, why: rule.why } : OPEN;
  }
  const rule = IPV6_RULES.find(({ base, bits }) => address.match(base, bits));
  if (rule) return { public: false, why: rule.why };
  if (!address.match(GLOBAL_UNICAST)) {
    return { public: false, why: 'outside 2000::/3, the global unicast space (RFC 4291)' };
  }
  return isIsatap(address) ? { public: false, why: 'an ISATAP identifier (RFC 5214)' } : OPEN;
}
