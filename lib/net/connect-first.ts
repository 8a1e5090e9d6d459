import type { Socket } from 'node:net';

/**
 * Connects to the first of several addresses that answers (RFC 8305, section 5): the next one is
 * tried when one fails, or has not answered after a while. Unlike Node's `autoSelectFamily`, which
 * ends an attempt to begin the next, those that were begun go on: a slow host is no dead one.
 *
 * @param addresses in the order in which to try them; at least one.
 * @param delayMs how long an attempt goes on by itself, in milliseconds.
 * @param open begins one attempt.
 * @param done called once: with the socket that connected, the others being closed; or with the
 *   error of the one address, or an `AggregateError` of all of them, in the order in which they failed.
 * @returns what stops all attempts; `done` is not called any more.
 */
export function connectFirst<A>(
  addresses: readonly A[],
  delayMs: number,
  open: (address: A) => Socket,
  done: (...outcome: [error: Error, socket: null] | [error: null, socket: Socket]) => void,
): () => void {
  const attempts: Socket[] = [];
  const errors: Error[] = [];
  let timer: NodeJS.Timeout | undefined;

  begin();
  return stop;

  function begin(): void {
    clearTimeout(timer);
    const address = addresses[attempts.length];
    if (address === undefined) return;
    const socket = open(address);
    attempts.push(socket);
    const lose = (error: Error): void => {
      errors.push(error);
      if (errors.length < addresses.length) begin();
      else done(errors.length === 1 ? error : new AggregateError(errors), null);
    };
    socket.once('error', lose);
    socket.once('connect', () => {
      socket.off('error', lose);
      attempts.splice(attempts.indexOf(socket), 1);
      stop();
      done(null, socket);
    });
    if (attempts.length < addresses.length) timer = setTimeout(begin, delayMs);
  }

  function stop(): void {
    clearTimeout(timer);
    for (const socket of attempts) socket.destroy();
  }
}
