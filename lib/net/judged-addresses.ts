import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { RelayError } from '../errors';
import { connectionError } from './connection-error';
import type { Guard } from './guard';
import type { Resolve } from './resolver';

/**
 * The `lookup` of one connection: the name is resolved once, every answer is judged, and the
 * socket gets those that passed and no others. So what was judged is what is connected to, and a
 * second, different answer of a rebinding name server has no chance. If none passed, the socket
 * ends with the guard's refusal before anything was sent.
 */
export function createPinnedLookup(guard: Guard, resolve: Resolve, port: number): LookupFunction {
  return (hostname, options, callback) => {
    openAddresses(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (options.all === true) callback(null, addresses);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => {
        callback(connectionError(error), []);
      },
    );
  };

  async function openAddresses(hostname: string): Promise<[LookupAddress, ...LookupAddress[]]> {
    let refusal: RelayError | null = null;
    const open: LookupAddress[] = [];
    for (const answer of await resolve(hostname)) {
      const judged = guard.judgeAddress(answer.address, port);
      if (judged === null) open.push(answer);
      else refusal ??= judged;
    }
    const [first, ...others] = open;
    if (first !== undefined) return [first, ...others];
    throw refusal ?? new RelayError('dns_failed', `The name "${hostname}" has no address.`);
  }
}
