import { networkInterfaces } from 'node:os';

/** Interfaces come and go rarely, and asking the kernel costs about 0.1 ms. */
const FRESH_MS = 10_000;

/**
 * Gives the addresses of this machine's interfaces, so that a source cannot lead back to the
 * service under its own public address. Looked up when first asked for, then every ten seconds at
 * most. A public address that only a NAT in front of the machine knows is not among them.
 */
export function createOwnAddresses({
  interfaces = networkInterfaces,
  now = () => performance.now(),
} = {}): () => readonly string[] {
  let addresses: readonly string[] = [];
  let readAt = -Infinity;

  return () => {
    if (now() - readAt >= FRESH_MS) {
      readAt = now();
      addresses = Object.values(interfaces()).flatMap((list) =>
        (list ?? []).map(({ address }) => address),
      );
    }
    return addresses;
  };
}
