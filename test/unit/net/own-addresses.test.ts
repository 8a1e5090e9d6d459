import { networkInterfaces } from 'node:os';
import { createOwnAddresses } from '../../../lib/net/own-addresses';

const loopback = networkInterfaces()['lo']?.[0] ?? Object.values(networkInterfaces())[0]![0]!;

describe("the machine's own addresses", () => {
  it('are those of its interfaces', () => {
    expect(createOwnAddresses()()).toContain(loopback.address);
  });

  it('are looked up when first asked for, and again after ten seconds', () => {
    let lookups = 0;
    let time = 5000;
    const ownAddresses = createOwnAddresses({
      now: () => time,
      interfaces: () => {
        lookups += 1;
        return { eth0: [{ ...loopback, address: `93.184.215.${lookups}` }], down: undefined };
      },
    });

    expect(lookups).toBe(0);
    expect(ownAddresses()).toEqual(['93.184.215.1']);
    time += 9999;
    expect(ownAddresses()).toEqual(['93.184.215.1']);
    time += 1;
    expect(ownAddresses()).toEqual(['93.184.215.2']);
  });
});
