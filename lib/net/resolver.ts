import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { codeOf } from './error-code';
import { NetError } from './net-error';
import { LOOPBACK, specialName } from './special-names';

/**
 * Gives the addresses of a host name in the order to try them.
 * @throws {NetError} `no_address` where there is none, `dns_silent` where nobody said so.
 */
export type Resolve = (hostname: string) => Promise<LookupAddress[]>;

export interface ResolverOptions {
  /**
   * How long one name may take in all, in milliseconds. Give it less than the connect timeout,
   * which includes it, or a silent name server leaves no time to connect to what another said.
   */
  timeoutMs: number;
  /** Name servers as `address` or `address:port`. Default: those of the system. */
  servers?: readonly string[];
}

/** More would only make a name with dozens of dead addresses hold its place for longer. */
export const MAX_ADDRESSES = 16;
const TRIES = 2;
/**
 * How long the AAAA answer is waited for once the A answer is there, in milliseconds (the
 * "resolution delay" of RFC 8305 section 3): some name servers never answer for AAAA.
 */
const RESOLUTION_DELAY_MS = 50;
/** "No such name" and "no such record": an answer, as opposed to silence and failures. */
const EMPTY_ANSWER = /^(?:ENOTFOUND|ENODATA)$/;

/**
 * Asks DNS for A and AAAA records at the same time. By c-ares and not by `dns.lookup`, because the
 * latter's getaddrinfo occupies one of libuv's four threads until it is done: a handful of names
 * with dead name servers would stall every other download, and file access with them. The price:
 * /etc/hosts and the search domains of /etc/resolv.conf do not count, names are full names.
 */
export function createResolver({ timeoutMs, servers }: ResolverOptions): Resolve {
  // c-ares doubles the timeout for the second try: a third and two thirds.
  const options = { timeout: Math.ceil(timeoutMs / 3), tries: TRIES };

  return async (hostname) => {
    // RFC 6761 section 6.3: the name must not be asked for, and means this.
    if (specialName(hostname) === 'loopback') return [...LOOPBACK];
    // One for each name costs 15 µs. Only so can the queries of one name be cancelled, and a change
    // of the system's name servers is seen.
    const resolver = new Resolver(options);
    if (servers) resolver.setServers(servers);
    try {
      const found = await gather(
        resolver.resolve4(hostname),
        resolver.resolve6(hostname),
        timeoutMs,
      );
      const answers = interleave(found.aaaa, found.a).slice(0, MAX_ADDRESSES);
      if (answers.length > 0) return answers;
      throw dnsFailed(hostname, found.failures);
    } finally {
      resolver.cancel();
    }
  };
}

interface Gathered {
  a: string[];
  aaaa: string[];
  failures: unknown[];
}

/** Waits for both answers, or for as long as it makes sense. Never rejects. */
function gather(a: Promise<string[]>, aaaa: Promise<string[]>, timeoutMs: number) {
  return new Promise<Gathered>((resolve) => {
    const found: Gathered = { a: [], aaaa: [], failures: [] };
    let awaited = 2;
    const finish = () => {
      clearTimeout(timer);
      resolve(found);
    };
    let timer = setTimeout(finish, timeoutMs);
    const settled = () => {
      awaited -= 1;
      if (awaited === 0) finish();
    };
    const failed = (error: unknown) => {
      found.failures.push(error);
      settled();
    };

    a.then((addresses) => {
      found.a = addresses;
      if (addresses.length > 0) {
        clearTimeout(timer);
        timer = setTimeout(finish, RESOLUTION_DELAY_MS);
      }
      settled();
    }, failed);
    aaaa.then((addresses) => {
      found.aaaa = addresses;
      settled();
    }, failed);
  });
}

/** IPv6 first and in turn, so that cutting the list leaves both families (RFC 8305 section 4). */
function interleave(aaaa: readonly string[], a: readonly string[]): LookupAddress[] {
  const answers: LookupAddress[] = [];
  for (let index = 0; index < Math.max(aaaa.length, a.length); index += 1) {
    const v6 = aaaa[index];
    const v4 = a[index];
    if (v6 !== undefined) answers.push({ address: v6, family: 6 });
    if (v4 !== undefined) answers.push({ address: v4, family: 4 });
  }
  return answers;
}

function dnsFailed(hostname: string, failures: readonly unknown[]): NetError {
  const silence = failures.find((failure) => !EMPTY_ANSWER.test(String(codeOf(failure))));
  const answered = failures.length === 2 && silence === undefined;
  const kind = answered ? 'no_address' : 'dns_silent';
  return new NetError(kind, { hostname }, silence ?? failures[0]);
}
