import type { GuardedAgentsOptions } from '../../../lib/net/guarded-agent';

/**
 * A `connect` for the agents that writes down every target that the guard let through, and leads
 * it to a port of loopback instead: no test opens a socket to anywhere else.
 */
export function recordConnects(loopbackPort: number) {
  const targets: string[] = [];

  const connect: NonNullable<GuardedAgentsOptions['connect']> = (target, open) => {
    targets.push(String(target.host));
    return open({ ...target, host: '127.0.0.1', family: 4, port: loopbackPort });
  };

  return { connect, targets };
}
