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

/** What an image under way tells of itself, so that it holds up no other one. */
export interface RelayProgress {
  /**
   * Where the source's name leads. An error says that too much is under way there: nothing may be
   * sent, and the error is what the image ends with.
   */
  leadsTo(address: string, port: number): Error | null;
  /** The source is silent, or hardly sends anything. May be said again and again. */
  sourceIsSilent(): void;
  /** The image waits for memory that other images hold: it holds up nobody meanwhile. */
  waitsForMemory(): void;
  /** The source sends again. */
  sourceSends(): void;
  /**
   * The picture is about to go to Imgur.
   *
   * @returns null if it may at once, else what resolves when it may; rejects with what the image
   *   ends with if it may not.
   */
  beforeUpload(): Promise<void> | null;
}

/**
 * Brings one image from its source to Imgur, once; the scheduler decides about another try.
 * Throws a RelayError, an error that the gate knows as a pause, an error that `RelayProgress` gave,
 * or the reason of the cancellation.
 */
export type Relay = (
  image: RelayInput,
  cancellation: Cancellation,
  progress: RelayProgress,
) => Promise<Relayed>;

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
