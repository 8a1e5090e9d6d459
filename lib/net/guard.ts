import { isIP } from 'node:net';
import type { Network } from '../config';
import { isWithin, judgeParsed, parseAddress, type Address } from './address';
import type { NetFailure } from './net-error';
import { createOwnAddresses } from './own-addresses';
import { LOOPBACK, specialName, type SpecialName } from './special-names';

export interface GuardOptions {
  /** What downloads may reach although it is not public, on any port. */
  allowedNetworks: readonly Network[];
  /** Ports that are open on public addresses. */
  allowedPorts: readonly number[];
  /** The addresses of this machine, in any spelling. Default: those of its interfaces. */
  ownAddresses?: () => readonly string[];
}

/** Decides where downloads may lead. Every judgement is what speaks against it, or null. */
export interface Guard {
  /** All that can be judged of an http(s) URL before any DNS. */
  judgeUrl(url: URL): NetFailure | null;
  /** The same for a name or literal address (IPv6 without brackets) and a port. */
  judgeHost(host: string, port: number): NetFailure | null;
  /** An address that a name resolved to. */
  judgeAddress(address: string, port: number): NetFailure | null;
  /** Opens one port of one address, e.g. of the embedded Imgur. @throws {TypeError} if it is not an IP address. */
  open(address: string, port: number): void;
}

/**
 * Builds the guard.
 *
 * @example
 * const guard = createGuard({ allowedNetworks: [], allowedPorts: [80, 443] });
 * guard.judgeUrl(new URL('http://169.254.169.254/'))?.kind; // 'not_public'
 */
export function createGuard({
  allowedNetworks,
  allowedPorts,
  ownAddresses = createOwnAddresses(),
}: GuardOptions): Guard {
  const ports = new Set(allowedPorts);
  const endpoints = new Set<string>();

  return { judgeUrl, judgeHost, judgeAddress, open };

  function open(address: string, port: number): void {
    const parsed = parseAddress(address);
    if (parsed === null) throw new TypeError(`Expected an IP address to open, got "${address}"`);
    endpoints.add(endpointKey(parsed, port));
  }

  function judgeUrl(url: URL): NetFailure | null {
    const { hostname } = url;
    const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
    return judgeHost(host, url.port === '' ? defaultPort(url) : Number(url.port));
  }

  function judgeHost(host: string, port: number): NetFailure | null {
    if (isIP(host) !== 0) return judgeAddress(host, port);
    const special = specialName(host);
    if (special === 'loopback') {
      // The name stands for these addresses, so it is as open as they are.
      const judged = LOOPBACK.map(({ address }) => judgeAddress(address, port));
      return judged.includes(null) ? null : localName(host, special);
    }
    // Where private networks are open, private names may lead there, on any port: only their
    // addresses can tell, once DNS has answered.
    const decidedByAddress = allowedNetworks.length > 0;
    if (special === 'nowhere' || (special === 'private' && !decidedByAddress)) {
      return localName(host, special);
    }
    return decidedByAddress ? null : judgePort(host, port);
  }

  function judgeAddress(address: string, port: number): NetFailure | null {
    const parsed = parseAddress(address);
    if (parsed === null) return notPublic(address, port, 'not an IP address');
    if (endpoints.size > 0 && endpoints.has(endpointKey(parsed, port))) return null;
    if (allowedNetworks.some((network) => isWithin(network, parsed))) return null;
    const verdict = judgeParsed(parsed);
    if (!verdict.public) return notPublic(address, port, verdict.why);
    if (isOwn(parsed)) {
      return { kind: 'own_address', facts: { address, port, rule: 'an address of this machine' } };
    }
    return judgePort(address, port);
  }

  /** @param to a name or an address. */
  function judgePort(to: string, port: number): NetFailure | null {
    if (ports.has(port)) return null;
    const open = [...ports];
    const rule = `only the ports ${open.join(', ')} (DOWNLOAD_ALLOWED_PORTS)`;
    const where = isIP(to) === 0 ? { host: to } : { address: to };
    return { kind: 'closed_port', facts: { ...where, port, rule, allowedPorts: open } };
  }

  function isOwn(address: Address): boolean {
    const text = address.toString();
    return ownAddresses().some((own) => parseAddress(own)?.toString() === text);
  }
}

function notPublic(address: string, port: number, rule: string): NetFailure {
  return { kind: 'not_public', facts: { address, port, rule } };
}

const RULES_OF_NAMES: Readonly<Record<SpecialName, string>> = {
  loopback: 'a name of this machine (RFC 6761)',
  private: 'a name for use inside networks',
  nowhere: 'a name that must not be asked for in DNS',
};

function localName(host: string, special: SpecialName): NetFailure {
  return { kind: 'local_name', facts: { host, rule: RULES_OF_NAMES[special] } };
}

function endpointKey(address: Address, port: number): string {
  return `${address.toString()} ${port}`;
}

function defaultPort(url: URL): number {
  return url.protocol === 'https:' ? 443 : 80;
}
