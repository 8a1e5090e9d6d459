import type { IncomingMessage } from 'node:http';
import { type Exchange, type Reply, send } from './exchange';
import type { Fault } from './fault-script';

/** Sends a reply later, unless the client is gone by then. */
function sendLater(exchange: Exchange, reply: Reply, delayMs: number): void {
  const timer = setTimeout(() => send(exchange, reply), delayMs);
  exchange.res.once('close', () => clearTimeout(timer));
}

function reset(req: IncomingMessage): void {
  req.socket.resetAndDestroy();
}

/** @returns whether that was the end of the exchange. */
export function playBeforeBody(fault: Fault, exchange: Exchange): boolean {
  if (!('when' in fault) || fault.when !== 'before-body') return false;
  if (fault.kind === 'reset') reset(exchange.req);
  if (fault.kind === 'reply') sendLater(exchange, fault, fault.delayMs ?? 0);
  return true;
}

/** To be called before the body is read. */
export function playDuringBody(fault: Fault, req: IncomingMessage): void {
  if (fault.kind !== 'reset' || fault.when !== 'mid-body') return;
  let read = 0;
  req.on('data', (chunk: Buffer) => {
    read += chunk.length;
    if (read < fault.afterBytes) return;
    reset(req);
    // A small body may have come with the same packet: without this it would end as a whole one.
    req.destroy();
  });
}

/** Whether an upload that is read whole under this fault becomes a picture. */
export function storesPicture(fault: Fault | undefined): boolean {
  if (fault?.kind === 'reset') return fault.when === 'after-body';
  return fault?.kind !== 'reply' || fault.stores === true;
}

/** Answers an upload that was read whole: as usual, or as the fault has it. */
export function playAfterBody(fault: Fault | undefined, exchange: Exchange, usual: Reply): void {
  switch (fault?.kind) {
    case 'reply':
      sendLater(exchange, fault, fault.delayMs ?? 0);
      return;
    case 'delay':
      sendLater(exchange, usual, fault.ms);
      return;
    case 'reset':
      reset(exchange.req);
      return;
    case 'hang':
      return;
    default:
      send(exchange, usual);
  }
}
