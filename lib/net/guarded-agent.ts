import http from 'node:http';
import https from 'node:https';
import { connect as connectSocket, type Socket, type TcpNetConnectOpts } from 'node:net';
import type { Guard } from './guard';
import { openConnection, type ConnectHooks } from './guarded-connection';
import { judgedAddresses } from './judged-addresses';
import { setIdle } from './last-read';
import { NetError } from './net-error';
import { createOwnAddresses } from './own-addresses';
import { MAX_ADDRESSES, type Resolve } from './resolver';
import { usableAddresses } from './usable-addresses';

/** Idle sockets end a little before the 5 s after which Node's own servers close them. */
const IDLE_MS = 4000;
const DEFAULT_IDLE_PER_HOST = 8;
/** For each of the two agents. */
const MAX_IDLE = 64;
/** The "connection attempt delay" that RFC 8305, section 5 recommends, in milliseconds. */
const MAX_DELAY_MS = 250;
/** The least that RFC 8305 allows. */
const MIN_DELAY_MS = 10;

type Open = (options: TcpNetConnectOpts) => Socket;

export interface GuardedAgentsOptions {
  guard: Guard;
  resolve: Resolve;
  /** For DNS, TCP and TLS together, in milliseconds. */
  connectTimeoutMs: number;
  /**
   * Idle sockets kept for one host. Default: 8. Fewer than images of one host may be under way, and
   * some images open a connection anew each time.
   */
  idlePerHost?: number;
  /** Certificates of authorities (PEM) to trust instead of Node's own. */
  ca?: string;
  /** The addresses of this machine. Default: those of its interfaces. */
  ownAddresses?: () => readonly string[];
  /**
   * Opens a socket to an address that has been judged; `open` is what is done without it. A seam
   * for tests.
   */
  connect?: (target: TcpNetConnectOpts, open: Open) => Socket;
}

export interface GuardedAgents {
  /** For the URL of one hop. */
  agentFor: (url: { protocol: string | null }) => http.Agent;
  /** Closes every socket, also those in use. */
  destroy: () => void;
}

/**
 * Builds the two keep-alive agents through which everything of a user's choosing is fetched. They
 * judge at connect time, whatever was judged before, each address that they connect to. They know
 * no proxy from the environment, and certificates are checked even under
 * NODE_TLS_REJECT_UNAUTHORIZED=0. Requests may bring {@link ConnectHooks} among their options.
 *
 * Requests fail with an error of which `netFailureOf` says what it was.
 *
 * @example
 * const agents = createGuardedAgents({ guard, resolve, connectTimeoutMs: 5000 });
 * http.get(url, { agent: agents.agentFor(url) });
 */
export function createGuardedAgents(options: GuardedAgentsOptions): GuardedAgents {
  const { idlePerHost = DEFAULT_IDLE_PER_HOST, ca } = options;
  const pool = {
    keepAlive: true,
    maxFreeSockets: idlePerHost,
    // Ends idle sockets only; one in use emits an event that nobody listens to.
    timeout: IDLE_MS,
  };
  const secureOptions = { ...pool, rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) };
  const ownAddresses = options.ownAddresses ?? createOwnAddresses();
  const plain = guarded(new http.Agent(pool), false, { ...options, ownAddresses });
  const secure = guarded(new https.Agent(secureOptions), true, { ...options, ownAddresses });

  return {
    agentFor: (url) => (url.protocol === 'https:' ? secure : plain).agent,
    destroy() {
      plain.destroy();
      secure.destroy();
    },
  };
}

type Callback = (error: Error | null, socket?: Socket) => void;

/** Puts the guard in front of an agent, and lets it connect in our way. */
function guarded(
  agent: http.Agent,
  isSecure: boolean,
  options: GuardedAgentsOptions & { ownAddresses: () => readonly string[] },
): { agent: http.Agent; destroy: () => void } {
  const { guard, resolve, ownAddresses, connectTimeoutMs, connect } = options;
  const secure = agent.createConnection.bind(agent) as unknown as (options: object) => Socket;
  const keepSocketAlive = agent.keepSocketAlive.bind(agent) as (socket: Socket) => boolean;
  const reuseSocket = agent.reuseSocket.bind(agent);
  const share = Math.floor(connectTimeoutMs / (MAX_ADDRESSES + 1));
  const delayMs = Math.max(MIN_DELAY_MS, Math.min(MAX_DELAY_MS, share));
  const open: Open = (target) => connectSocket(target);
  /** What ends each connection that is being opened: the agent knows nothing of it yet. */
  const opening: ((reason: Error) => void)[] = [];

  Object.assign(agent, {
    createConnection(
      request: http.ClientRequestArgs & ConnectHooks,
      callback: Callback,
    ): undefined {
      const host = request.host ?? '';
      const port = Number(request.port);
      const refusal = guard.judgeHost(host, port);
      if (refusal !== null) {
        callback(new NetError(refusal.kind, refusal.facts));
        return undefined;
      }
      const { cancellation, onAddress } = request;
      // The agent keeps these options for as long as the socket: they must not keep an image.
      Object.assign(request, { cancellation: undefined, onAddress: undefined });
      const end = openConnection(
        {
          addresses: async () =>
            usableAddresses(await judgedAddresses(guard, resolve, host, port), ownAddresses()),
          port,
          timeoutMs: connectTimeoutMs,
          delayMs,
          open: (target) => (connect ? connect(target, open) : open(target)),
          secure: isSecure ? (socket) => secure({ ...request, socket }) : null,
          onAddress,
        },
        (error, socket) => {
          opening.splice(opening.indexOf(end), 1);
          callback(error, socket);
        },
      );
      opening.push(end);
      cancellation?.onCancel(end);
      return undefined;
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

  return {
    agent,
    destroy() {
      for (const end of opening.slice()) end(new Error('the agent was destroyed'));
      agent.destroy();
    },
  };
}
