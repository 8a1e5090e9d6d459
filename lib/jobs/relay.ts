import type { Cancellation } from '../cancellation';
import type { RelayError } from '../errors';

export interface RelayInput {
  readonly url: string;
  readonly clientId: string | null;
}

export interface Relayed {
  readonly link: string;
  readonly bytes: number;
  readonly type: string;
}

/**
 * Brings one image from its source to Imgur, once; the scheduler decides about another try.
 * Throws a RelayError, an error that the gate knows as a pause, or the reason of the cancellation.
 */
export type Relay = (image: RelayInput, cancellation: Cancellation) => Promise<Relayed>;

/** Says whether an upload with a credential may start now: Imgur's rate limits stand behind it. */
export interface UploadGate {
  /** Names the credential of a job. */
  keyOf(clientId: string | null): string;
  /** `enter` takes a place until `leave`; an error is final for the image. */
  tryEnter(key: string): 'enter' | 'wait' | RelayError;
  leave(key: string, outcome: 'success' | 'refused' | 'other'): void;
  /** Calls back whenever uploads of that credential may be tried again. */
  onOpen(listener: (key: string) => void): void;
  /** Whether the error means that Imgur asked us to wait: the image goes back to the queue. */
  isPause(error: unknown): boolean;
}
