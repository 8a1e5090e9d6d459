import type { LookupAddress } from 'node:dns';

export type SpecialName = 'loopback' | 'private' | 'nowhere';

/**
 * Names that never lead to a host on the public internet, by their last labels. `loopback` means
 * this machine by definition, `private` is used inside networks, `nowhere` must not be asked for in
 * DNS at all.
 */
const SPECIAL_SUFFIXES: ReadonlyMap<string, SpecialName> = new Map([
  ['localhost', 'loopback'], // RFC 6761 section 6.3
  ['localdomain', 'private'], // in every /etc/hosts of the last thirty years
  ['internal', 'private'], // reserved by ICANN in 2024; metadata.google.internal
  ['local', 'private'], // RFC 6762; cluster.local of Kubernetes
  ['home.arpa', 'private'], // RFC 8375
  ['test', 'private'], // RFC 6761 section 6.2
  ['corp', 'private'], // refused for delegation by ICANN for their use inside networks,
  ['home', 'private'], // as `mail` was
  ['mail', 'private'],
  ['lan', 'private'], // RFC 6762 appendix G, as the next two
  ['intranet', 'private'],
  ['private', 'private'],
  ['invalid', 'nowhere'], // RFC 6761 section 6.4
  ['onion', 'nowhere'], // RFC 7686: a query would only tell others about it
  ['i2p', 'nowhere'], // RFC 9476 lists it as in use outside DNS
  ['alt', 'nowhere'], // RFC 9476
]);

/** What the names of this machine mean, without DNS (RFC 6761 section 6.3). */
export const LOOPBACK: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/** The name without its one root dot, in lower case: the form in which names are compared. */
export function plainName(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith('.') ? lower.slice(0, -1) : lower;
}

/** What is special about a host name, or null. Case and one trailing dot do not matter. */
export function specialName(name: string): SpecialName | null {
  const plain = plainName(name);
  const last = plain.lastIndexOf('.');
  const oneLabel = SPECIAL_SUFFIXES.get(plain.slice(last + 1));
  if (oneLabel !== undefined) return oneLabel;
  if (last < 1) return null;
  const secondLast = plain.lastIndexOf('.', last - 1);
  return SPECIAL_SUFFIXES.get(plain.slice(secondLast + 1)) ?? null;
}
