import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { addFacts } from '../cause';
import { RelayError } from '../errors';
import type { Guard } from './guard';
import type { Resolve } from './resolver';

/**
 * The addresses that one connection may go to: the name is resolved once, every answer is judged,
 * and those that passed are connected to and no others. So what was judged is what is connected to,
 * and a second, different answer of a rebinding name server has no chance.
 *
 * @param host a name, or an address (IPv6 without brackets), which is judged as it is.
 * @returns at least one.
 * @throws {RelayError} the guard's refusal if none passed; `dns_failed` if there is none.
 */
export async function judgedAddresses(
  guard: Guard,
  resolve: Resolve,
  host: string,
  port: number,
): Promise<LookupAddress[]> {
  const family = isIP(host);
  const answers = family === 0 ? await resolve(host) : [{ address: host, family }];
  let refusal: RelayError | null = null;
  const open: LookupAddress[] = [];
  for (const answer of answers) {
    const judged = guard.judgeAddress(answer.address, port);
    if (judged === null) open.push(answer);
    else refusal ??= judged;
  }
  if (open.length > 0) return open;
  if (refusal) throw family === 0 ? addFacts(refusal, { host }) : refusal;
  throw new RelayError('dns_failed', `The name "${host}" has no address.`);
}
