import ipaddr from 'ipaddr.js';
import type { Network } from '../config';
import { isWithin, parseAddress, type Address } from '../net/address';

/**
 * Who made a request, by the one rule that cannot be talked into a lie: whoever opened the connection,
 * or, where that is a trusted proxy, the rightmost address of `X-Forwarded-For` that is not one
 * itself. Each proxy adds on the right whom it heard from; what stands to the left of that, the client
 * may have written. An entry that is no address ends the search at the proxy that passed it on.
 *
 * @param peer whoever opened the connection.
 * @param forwardedFor the header, several of them joined by commas; entries may have a port.
 * @param trusted the networks of proxies that are believed.
 * @returns the address in its usual spelling; null if even the peer's is unknown.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  trusted: readonly Network[],
): string | null {
  const isTrusted = (address: Address): boolean =>
    trusted.some((network) => isWithin(network, address));
  let client = readAddress(peer ?? '');
  if (client === null) return null;
  const hops = (forwardedFor ?? '').split(',');
  while (hops.length > 0 && isTrusted(client)) {
    const hop = readHop(hops.pop() ?? '');
    if (hop === null) break;
    client = hop;
  }
  return client.toString();
}

/** `192.0.2.1`, `2001:db8::1`, or with a port, IPv6 in brackets then. */
function readHop(text: string): Address | null {
  const hop = text.trim();
  const bare = /^\[(.+)\](?::\d+)?$/.exec(hop) ?? /^([\d.]+):\d+$/.exec(hop);
  return readAddress(bare?.[1] ?? hop);
}

/** A socket that listens for both families calls an IPv4 address `::ffff:192.0.2.1`. */
function readAddress(text: string): Address | null {
  const parsed = parseAddress(text);
  const isMapped = parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress();
  return isMapped ? parsed.toIPv4Address() : parsed;
}
