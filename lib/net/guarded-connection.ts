import type { LookupAddress } from 'node:dns';
import { Socket, type TcpNetConnectOpts } from 'node:net';
import type { Cancellation } from '../cancellation';
import { parseAddress } from './address';
import { connectFirst } from './connect-first';
import { watchReads } from './last-read';
import { NetError, type NetFacts } from './net-error';

/** What a request may bring along for the connection that is opened for it. Not for one reused. */
export interface ConnectHooks {
  /** Ends the connecting too: a request that has no socket yet does not tell its agent of its end. */
  readonly cancellation?: Cancellation;
  /**
   * Told each address before it is tried, in its usual spelling, after it was judged. What it
   * returns ends the request, and nothing is sent.
   */
  readonly onAddress?: (address: string, port: number) => Error | null;
}

export interface Connecting {
  /** Gives what may be connected to, in the order in which to try it. */
  readonly addresses: () => Promise<readonly LookupAddress[]>;
  readonly port: number;
  /** For DNS, TCP and TLS together, in milliseconds. */
  readonly timeoutMs: number;
  /** How long an address is waited for before the next one is tried as well, in milliseconds. */
  readonly delayMs: number;
  readonly open: (target: TcpNetConnectOpts) => Socket;
  /** Begins TLS on a connection; null for none. */
  readonly secure: ((socket: Socket) => Socket) | null;
  readonly onAddress: ConnectHooks['onAddress'] | undefined;
}

/** As Node's own agents set them on their sockets. */
const SOCKET_OPTIONS = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 1000 };

/**
 * Opens one connection within its time.
 *
 * @param done called once, with the error or the socket. TLS may still be under way then; a failure
 *   of it is an error of the socket, as is the end of the time.
 * @returns what ends the connecting with a reason, as long as `done` was not called.
 */
export function openConnection(
  connecting: Connecting,
  done: (error: Error | null, socket?: Socket) => void,
): (reason: Error) => void {
  const { port, timeoutMs, delayMs, open, secure, onAddress } = connecting;
  let isDone = false;
  let stopAttempts: (() => void) | null = null;
  let end: (reason: Error) => void = fail;
  let waitedFor: NonNullable<NetFacts['waitedFor']> = 'dns';
  const tried: string[] = [];
  const timer = setTimeout(() => {
    const where = tried.length > 0 ? { addresses: tried, port } : {};
    end(new NetError('connect_timeout', { timeoutMs, waitedFor, ...where }));
  }, timeoutMs);

  connecting
    .addresses()
    .then(begin)
    .catch((reason: unknown) => fail(reason as Error));
  return fail;

  function begin(addresses: readonly LookupAddress[]): void {
    if (isDone || addresses.length === 0) return;
    waitedFor = 'connection';
    const attempt = ({ address, family }: LookupAddress): Socket => {
      tried.push(address);
      const refusal = onAddress?.(parseAddress(address)?.toString() ?? address, port) ?? null;
      if (!refusal) return open({ host: address, family, port, ...SOCKET_OPTIONS });
      queueMicrotask(() => fail(refusal));
      // Never connects, and ends with the others.
      return new Socket();
    };
    stopAttempts = connectFirst(addresses, delayMs, attempt, (error, socket) => {
      if (error) fail(error);
      else succeed(socket);
    });
  }

  function succeed(connected: Socket): void {
    let socket = connected;
    try {
      if (secure) socket = secure(connected);
    } catch (error) {
      // As of certificates that cannot be read.
      connected.destroy();
      fail(error as Error);
      return;
    }
    isDone = true;
    watchReads(socket);
    rememberPeer(socket);
    if (secure) {
      waitedFor = 'tls';
      end = (reason) => void socket.destroy(reason);
      const stop = (): void => clearTimeout(timer);
      socket.once('secureConnect', stop).once('close', stop);
    } else {
      clearTimeout(timer);
    }
    done(null, socket);
  }

  function fail(reason: Error): void {
    if (isDone) return;
    isDone = true;
    clearTimeout(timer);
    stopAttempts?.();
    done(reason);
  }
}

/** Asked for once, Node still knows the address when the socket has failed. */
function rememberPeer(socket: Socket): string | undefined {
  return socket.remoteAddress;
}
