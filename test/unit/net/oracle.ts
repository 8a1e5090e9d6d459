import { BlockList } from 'node:net';

/**
 * The IPv4 ranges that must be closed, written down and judged apart from the code under test:
 * base, prefix length.
 */
export const CLOSED_IPV4: readonly (readonly [base: string, bits: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];

const closed = new BlockList();
for (const [base, bits] of CLOSED_IPV4) closed.addSubnet(base, bits, 'ipv4');

export function isClosedIPv4(address: string): boolean {
  return closed.check(address, 'ipv4');
}

/** By the bits of the eight groups, without any parser. */
export function isClosedIPv6(groups: readonly number[]): boolean {
  const [a = 0, b = 0, c = 0, , e = 0, f = 0] = groups;
  if (a >>> 13 !== 1) return true;
  if (a === 0x2001 && (b < 0x200 || b === 0xdb8)) return true;
  if (a === 0x2002 || a === 0x3ffe) return true;
  if (a === 0x3fff && b >>> 12 === 0) return true;
  if (a === 0x2620 && b === 0x4f && c === 0x8000) return true;
  return f === 0x5efe && (e === 0 || e === 0x100 || e === 0x200 || e === 0x300);
}

/** Dotted decimal of a 32-bit number. */
export function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.');
}

export function toNumber(address: string): number {
  return address.split('.').reduce((value, part) => value * 256 + Number(part), 0);
}

/** First and last address of a range, as numbers. */
export function edges([base, bits]: readonly [string, number]): [number, number] {
  const first = toNumber(base);
  return [first, first + 2 ** (32 - bits) - 1];
}

/** The eight groups of what `URL.hostname` gives between its brackets. */
export function groupsOf(address: string): number[] {
  const [left = '', right] = address.split('::');
  const parse = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const head = parse(left);
  const tail = right === undefined ? [] : parse(right);
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}
