import type { IncomingHttpHeaders } from 'node:http';

/** A literal reply instead of the ordinary one. */
export interface ReplyFault {
  kind: 'reply';
  /** `before-body`: on the headers alone. `after-body`: when the upload has arrived whole. */
  when: 'before-body' | 'after-body';
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
  /** How long the reply is held back, in milliseconds. */
  delayMs?: number;
  /** Whether the upload becomes a picture all the same; only with `after-body`. */
  stores?: boolean;
}

/** What can go wrong with one upload. */
export type Fault =
  | ReplyFault
  /** The ordinary reply, with the picture stored, so many milliseconds later. */
  | { kind: 'delay'; ms: number }
  /** No reply ever: with the body left unread, or after the picture was stored. */
  | { kind: 'hang'; when: 'before-body' | 'after-body' }
  /** A TCP reset; `after-body`: when the picture was stored, instead of the reply. */
  | { kind: 'reset'; when: 'before-body' | 'after-body' }
  /** A TCP reset once so many bytes of the body were read; nothing is stored. */
  | { kind: 'reset'; when: 'mid-body'; afterBytes: number }
  /** The body is read no faster than this; then the ordinary reply. */
  | { kind: 'slow-read'; bytesPerSecond: number };

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
