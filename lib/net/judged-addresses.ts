import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import type { Guard } from './guard';
import { NetError, type NetFailure } from './net-error';
import type { Resolve } from './resolver';

/**
 * The addresses that one connection may go to: the name is resolved once, every answer is judged,
 * and those that passed are connected to and no others. So what was judged is what is connected to,
 * and a second, different answer of a rebinding name server has no chance.
 *
 * @param host a name, or an address (IPv6 without brackets), which is judged as it is.
 * @returns at least one.
 * @throws {NetError} the guard's refusal if none passed; `no_address` if there is none.
 */
export async function judgedAddresses(
  guard: Guard,
  resolve: Resolve,
  host: string,
  port: number,
): Promise<LookupAddress[]> {
  const family = isIP(host);
  const answers = family === 0 ? await resolve(host) : [{ address: host, family }];
  let refusal: NetFailure | null = null;
  const open: LookupAddress[] = [];
  for (const answer of answers) {
    const judged = guard.judgeAddress(answer.address, port);
    if (judged === null) open.push(answer);
    else refusal ??= judged;
  }
  if (open.length > 0) return open;
  if (!refusal) throw new NetError('no_address', { hostname: host });
  throw new NetError(refusal.kind, { ...(family === 0 ? { host } : {}), ...refusal.facts });
}
