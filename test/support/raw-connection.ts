import net from 'node:net';
import { awaitUntil } from './await-until';

export interface RawConnection {
  readonly socket: net.Socket;
  /** All that came so far, one character for each byte. */
  readonly received: string;
  /** Resolves with all that came, once it holds a text. */
  until(text: string): Promise<string>;
  /** Resolves with all that came, once the other side has ended the connection. */
  readonly ended: Promise<string>;
}

/** A connection to a port of this machine over which anything can be said, HTTP or not. */
export async function connectRaw(
  port: number,
  say = '',
  options: { allowHalfOpen?: boolean } = {},
): Promise<RawConnection> {
  const socket = net.connect({ port, host: '127.0.0.1', ...options });
  let received = '';
  socket.setEncoding('latin1').on('data', (text: string) => (received += text));
  // A reset is one more way to end.
  socket.on('error', () => undefined);
  const ended = new Promise<string>((resolve) => socket.once('close', () => resolve(received)));
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write(say);
  return {
    socket,
    get received() {
      return received;
    },
    until: (text) =>
      awaitUntil(JSON.stringify(text), () => (received.includes(text) ? received : null)),
    ended,
  };
}
