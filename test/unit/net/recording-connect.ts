import type { GuardedAgentsOptions } from '../../../lib/net/guarded-agent';

/**
 * A `connect` for the agents that writes down every target that the guard let through, and leads
 * it to a port of loopback instead: no test opens a socket to anywhere else.
 */
export function recordConnects(loopbackPort: number) {
  const targets: string[] = [];
  const substitute = { address: '127.0.0.1', family: 4 };

  const connect: NonNullable<GuardedAgentsOptions['connect']> = (options, open) => {
    const { lookup } = options;
    if (lookup === undefined) {
      targets.push(String(options.host));
      return open({ ...options, host: substitute.address, port: loopbackPort });
    }
    return open({
      ...options,
      port: loopbackPort,
      lookup: (hostname, lookupOptions, callback) => {
        lookup(hostname, { ...lookupOptions, all: true }, (error, found) => {
          if (error) {
            callback(error, []);
            return;
          }
          for (const { address } of typeof found === 'string' ? [] : found) targets.push(address);
          callback(null, [substitute]);
        });
      },
    });
  };

  return { connect, targets };
}
