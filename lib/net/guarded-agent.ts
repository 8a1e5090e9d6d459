import http from 'node:http';
import https from 'node:https';
import { type Socket, type TcpNetConnectOpts, isIP } from 'node:net';
import { RelayError } from '../errors';
import type { Guard } from './guard';
import { setIdle, watchReads } from './last-read';
import { createPinnedLookup } from './pinned-lookup';
import { MAX_ADDRESSES, type Resolve } from './resolver';

/** Idle sockets end a little before the 5 s after which Node's own servers close them. */
const IDLE_MS = 4000;
const DEFAULT_IDLE_PER_HOST = 8;
/** For each of the two agents. */
const MAX_IDLE = 64;
/** Like Node's default: enough for a handshake around the world on a good line. */
const MAX_ADDRESS_ATTEMPT_MS = 250;
/** Node refuses less (`net.connect`, `autoSelectFamilyAttemptTimeout`). */
const MIN_ADDRESS_ATTEMPT_MS = 10;

type Open = (options: TcpNetConnectOpts) => Socket;

export interface GuardedAgentsOptions {
  guard: Guard;
  resolve: Resolve;
  /** For DNS, TCP and TLS together, in milliseconds. */
  connectTimeoutMs: number;
  /** Sockets for one host at a time. Default: no limit, as the scheduler bounds the images. */
  maxSockets?: number;
  /**
   * Idle sockets kept for one host. Default: 8. Fewer than images of one host may be under way, and
   * some images open a connection anew each time.
   */
  idlePerHost?: number;
  /** Certificates of authorities (PEM) to trust instead of Node's own. */
  ca?: string;
  /**
   * Opens a socket whose target has been judged; `open` is what the agent does by itself. The
   * addresses of a name come out of `options.lookup`. A seam for tests.
   */
  connect?: (options: TcpNetConnectOpts, open: Open) => Socket;
}

export interface GuardedAgents {
  /** For the URL of one hop. */
  agentFor: (url: { protocol: string | null }) => http.Agent;
  /** Closes every socket, also those in use. */
  destroy: () => void;
}

/**
 * Builds the two keep-alive agents through which everything of a user's choosing is fetched. They
 * judge at connect time, whatever was judged before: literal addresses by themselves (`net.connect`
 * asks no lookup for them), names by each address that they resolve to. They know no proxy from
 * the environment, and certificates are checked even under NODE_TLS_REJECT_UNAUTHORIZED=0.
 *
 * Requests fail with an error from which `connectionError` makes the `RelayError`.
 *
 * @example
 * const agents = createGuardedAgents({ guard, resolve, connectTimeoutMs: 5000 });
 * http.get(url, { agent: agents.agentFor(url) });
 */
export function createGuardedAgents(options: GuardedAgentsOptions): GuardedAgents {
  const { maxSockets = Infinity, idlePerHost = DEFAULT_IDLE_PER_HOST, ca } = options;
  const pool = {
    keepAlive: true,
    maxSockets,
    maxFreeSockets: idlePerHost,
    // Ends idle sockets only; one in use emits an event that nobody listens to.
    timeout: IDLE_MS,
  };
  const secureOptions = { ...pool, rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) };
  const plain = guarded(new http.Agent(pool), 'connect', options);
  const secure = guarded(new https.Agent(secureOptions), 'secureConnect', options);

  return {
    agentFor: (url) => (url.protocol === 'https:' ? secure : plain),
    destroy() {
      plain.destroy();
      secure.destroy();
    },
  };
}

/**
 * Puts the guard in front of an agent's own way to connect.
 * @param ready the event with which its sockets say that they can be used.
 */
function guarded<A extends http.Agent>(
  agent: A,
  ready: 'connect' | 'secureConnect',
  {
    guard,
    resolve,
    connectTimeoutMs,
    connect = (target, open) => open(target),
  }: GuardedAgentsOptions,
): A {
  const open = agent.createConnection.bind(agent) as unknown as Open;
  const keepSocketAlive = agent.keepSocketAlive.bind(agent) as (socket: Socket) => boolean;
  const reuseSocket = agent.reuseSocket.bind(agent);
  const attemptMs = Math.floor(connectTimeoutMs / (MAX_ADDRESSES + 1));
  const eyeballs = {
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: Math.max(
      MIN_ADDRESS_ATTEMPT_MS,
      Math.min(MAX_ADDRESS_ATTEMPT_MS, attemptMs),
    ),
  };

  Object.assign(agent, {
    createConnection(
      options: http.ClientRequestArgs,
      callback: (error: Error | null, socket?: Socket) => void,
    ): Socket | undefined {
      const host = options.host ?? '';
      const port = Number(options.port);
      const refusal = guard.judgeHost(host, port);
      if (refusal !== null) {
        callback(refusal);
        return undefined;
      }
      const byName = { ...eyeballs, lookup: createPinnedLookup(guard, resolve, port) };
      const target = { ...options, host, port, ...(isIP(host) === 0 ? byName : {}) };
      const socket = connect(target, open);
      watchReads(socket);
      return limitConnecting(socket, ready, connectTimeoutMs);
    },

    /** Says whether a socket that became free is kept (`agent.keepSocketAlive`). */
    keepSocketAlive(socket: Socket): boolean {
      let idle = 0;
      for (const sockets of Object.values(agent.freeSockets)) idle += sockets?.length ?? 0;
      const isKept = idle < MAX_IDLE && keepSocketAlive(socket);
      if (isKept) setIdle(socket, true);
      return isKept;
    },

    /** Told of a socket that is taken from the idle ones (`agent.reuseSocket`). */
    reuseSocket(socket: Socket, request: http.ClientRequest): void {
      setIdle(socket, false);
      reuseSocket(socket, request);
    },
  });
  return agent;
}

/** Ends a socket that is not `ready` in time. */
function limitConnecting(socket: Socket, ready: string, connectTimeoutMs: number): Socket {
  const timer = setTimeout(() => {
    const error = new RelayError(
      'download_timeout',
      `The source did not accept a connection within ${connectTimeoutMs / 1000} s.`,
    );
    socket.destroy(error);
  }, connectTimeoutMs);
  const stop = () => clearTimeout(timer);
  return socket.once(ready, stop).once('close', stop);
}
