import { isIP } from 'node:net';
import { addFacts } from '../cause';
import type { Network } from '../config';
import { RelayError } from '../errors';
import { isWithin, judgeParsed, parseAddress, type Address } from './address';
import { createOwnAddresses } from './own-addresses';
import { specialName, type SpecialName } from './special-names';

export interface GuardOptions {
  /** What downloads may reach although it is not public, on any port. */
  allowedNetworks: readonly Network[];
  /** Ports that are open on public addresses. */
  allowedPorts: readonly number[];
  /** The addresses of this machine, in any spelling. Default: those of its interfaces. */
  ownAddresses?: () => readonly string[];
}

/** Decides where downloads may lead. Every judgement is a `RelayError` to end with, or null. */
export interface Guard {
  /** All that can be judged of an http(s) URL before any DNS. */
  judgeUrl(url: URL): RelayError | null;
  /** The same for a name or literal address (IPv6 without brackets) and a port. */
  judgeHost(host: string, port: number): RelayError | null;
  /** An address that a name resolved to. The answer does not name it. */
  judgeAddress(address: string, port: number): RelayError | null;
  /** Opens one port of one address, e.g. of the embedded Imgur. @throws {TypeError} if it is not an IP address. */
  open(address: string, port: number): void;
}

const NOT_PUBLIC = "The source's address is not a public one, so it is not fetched.";
const LOCAL_NAME = "The source's name is a local one, so it is not fetched.";
const OURSELVES = 'The source leads back to this service, so it is not fetched.';
const LOOPBACK_ADDRESSES = ['127.0.0.1', '::1'];

/**
 * Builds the guard.
 *
 * @example
 * const guard = createGuard({ allowedNetworks: [], allowedPorts: [80, 443] });
 * guard.judgeUrl(new URL('http://169.254.169.254/'))?.code; // 'blocked_address'
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

  function judgeUrl(url: URL): RelayError | null {
    const { hostname } = url;
    const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
    return judgeHost(host, url.port === '' ? defaultPort(url) : Number(url.port));
  }

  function judgeHost(host: string, port: number): RelayError | null {
    if (isIP(host) !== 0) return judgeAddress(host, port);
    const special = specialName(host);
    if (special === 'loopback') {
      // The name stands for these addresses, so it is as open as they are.
      const judged = LOOPBACK_ADDRESSES.map((address) => judgeAddress(address, port));
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

  function judgeAddress(address: string, port: number): RelayError | null {
    const parsed = parseAddress(address);
    if (parsed === null) return blocked(NOT_PUBLIC, address, port, 'not an IP address');
    if (endpoints.size > 0 && endpoints.has(endpointKey(parsed, port))) return null;
    if (allowedNetworks.some((network) => isWithin(network, parsed))) return null;
    const verdict = judgeParsed(parsed);
    if (!verdict.public) return blocked(NOT_PUBLIC, address, port, verdict.why);
    if (isOwn(parsed)) return blocked(OURSELVES, address, port, 'an address of this machine');
    return judgePort(address, port);
  }

  /** @param to a name or an address. */
  function judgePort(to: string, port: number): RelayError | null {
    if (ports.has(port)) return null;
    const allowed = [...ports].join(', ');
    const message = `Port ${port} is not open for downloads; allowed are ${allowed}.`;
    const rule = `only the ports ${allowed} (DOWNLOAD_ALLOWED_PORTS)`;
    const where = isIP(to) === 0 ? { host: to } : { address: to };
    return addFacts(new RelayError('blocked_port', message), { ...where, port, rule });
  }

  function isOwn(address: Address): boolean {
    const text = address.toString();
    return ownAddresses().some((own) => parseAddress(own)?.toString() === text);
  }
}

function blocked(message: string, address: string, port: number, rule: string): RelayError {
  return addFacts(new RelayError('blocked_address', message), { address, port, rule });
}

const RULES_OF_NAMES: Readonly<Record<SpecialName, string>> = {
  loopback: 'a name of this machine (RFC 6761)',
  private: 'a name for use inside networks',
  nowhere: 'a name that must not be asked for in DNS',
};

function localName(host: string, special: SpecialName): RelayError {
  const rule = RULES_OF_NAMES[special];
  return addFacts(new RelayError('blocked_address', LOCAL_NAME), { host, rule });
}

function endpointKey(address: Address, port: number): string {
  return `${address.toString()} ${port}`;
}

function defaultPort(url: URL): number {
  return url.protocol === 'https:' ? 443 : 80;
}
