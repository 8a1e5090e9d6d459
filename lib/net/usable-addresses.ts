import type { LookupAddress } from 'node:dns';
import { parseAddress } from './address';

/**
 * Leaves out addresses of a family that this machine has no address of beyond its own link: to try
 * them would only take time. Where nothing is left, all of them are, as what there is.
 *
 * @param own the addresses of this machine.
 */
export function usableAddresses(
  addresses: readonly LookupAddress[],
  own: readonly string[],
): readonly LookupAddress[] {
  const usable = addresses.filter(
    ({ address, family }) =>
      isNear(address) || own.some((each) => familyOf(each) === family && !isNear(each)),
  );
  return usable.length > 0 ? usable : addresses;
}

/** On this machine or on its link, so that no way out is needed. */
function isNear(address: string): boolean {
  const range = parseAddress(address)?.range();
  return range === 'loopback' || range === 'linkLocal';
}

function familyOf(address: string): number {
  return address.includes(':') ? 6 : 4;
}
