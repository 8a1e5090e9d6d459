import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Transform } from 'node:stream';
import type { Fault } from './faults';
import { type Exchange, type Reply, send } from './replies';

export interface ScriptedRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** Which request of its sort this is since the start: 1 for the first. */
  count: number;
}

/** Decides what goes wrong with a request; undefined: nothing. */
export type FaultScript = (request: ScriptedRequest) => Fault | undefined;

/**
 * A script that plays one fault after the other, then none.
 *
 * @example
 * script: faultsInTurn(IMGUR_FAULTS.row16_could_not_process, undefined, IMGUR_FAULTS.hang_after_body)
 */
export function faultsInTurn(...faults: readonly (Fault | undefined)[]): FaultScript {
  return ({ count }) => faults[count - 1];
}

/**
 * Asks the script about each request of one sort before it is handled.
 *
 * @param handle does what the fault leaves to be done, and gives the reply to a request that is
 * wrong, which no fault excuses; null where there is nothing left to send. `gone` is aborted when
 * the client leaves, and what is thrown after that is nobody's business.
 */
export function scripted(
  script: FaultScript,
  handle: (
    exchange: Exchange,
    fault: Fault | undefined,
    gone: AbortSignal,
  ) => Promise<Reply | null>,
) {
  let count = 0;
  return async (exchange: Exchange): Promise<void> => {
    const { req, res, method, path } = exchange;
    count += 1;
    const fault = script({ method, path, headers: req.headers, count });
    if (fault && playBeforeBody(fault, exchange)) return;
    const gone = new AbortController();
    res.once('close', () => gone.abort());
    try {
      const refusal = await handle(exchange, fault, gone.signal);
      if (refusal) send(exchange, refusal);
    } catch (error) {
      if (!gone.signal.aborted) throw error;
    }
  };
}

/** Sends a reply later, unless the client is gone by then. */
function sendLater(exchange: Exchange, reply: Reply, delayMs: number): void {
  const timer = setTimeout(() => send(exchange, reply), delayMs);
  exchange.res.once('close', () => clearTimeout(timer));
}

function reset(req: IncomingMessage): void {
  req.socket.resetAndDestroy();
}

/** @returns whether that was the end of the exchange. */
function playBeforeBody(fault: Fault, exchange: Exchange): boolean {
  if (!('when' in fault) || fault.when !== 'before-body') return false;
  if (fault.kind === 'reset') reset(exchange.req);
  if (fault.kind === 'reply') sendLater(exchange, fault, fault.delayMs ?? 0);
  return true;
}

/**
 * To be called before the body is read.
 *
 * @returns what the body must pass through on its way; null: nothing.
 */
export function playDuringBody(fault: Fault | undefined, req: IncomingMessage): Transform | null {
  if (fault?.kind === 'slow-read') return slowDown(fault.bytesPerSecond);
  if (fault?.kind !== 'reset' || fault.when !== 'mid-body') return null;
  let read = 0;
  req.on('data', (chunk: Buffer) => {
    read += chunk.length;
    if (read < fault.afterBytes) return;
    reset(req);
    // A small body may have come with the same packet: without this it would end as a whole one.
    req.destroy();
  });
  return null;
}

/**
 * Lets bytes pass at a given rate, so that whoever writes has to wait once the buffers on the way
 * are full. Each chunk is held for as long as it would take at that rate.
 */
function slowDown(bytesPerSecond: number): Transform {
  let timer: NodeJS.Timeout | undefined;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      timer = setTimeout(done, (chunk.length / bytesPerSecond) * 1000, null, chunk);
    },
    destroy(error, done) {
      clearTimeout(timer);
      done(error);
    },
  });
}

/** Whether a request that is read whole under this fault has its effect. */
export function takesEffect(fault: Fault | undefined): boolean {
  if (fault?.kind === 'reset') return fault.when === 'after-body';
  return fault?.kind !== 'reply' || fault.stores === true;
}

/** Answers a request that was read whole: as usual, or as the fault has it. */
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
