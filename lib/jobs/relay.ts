import type { Cancellation } from '../cancellation';
import type { RelayError } from '../errors';

export interface RelayInput {
  readonly url: string;
  readonly clientId: string | null;
}

/** What came of one attempt to relay an image. */
export type Outcome =
  | {
      readonly kind: 'uploaded';
      readonly link: string;
      readonly deletehash?: string | null;
      readonly bytes: number;
      /** Of what was uploaded. */
      readonly type: string;
      /** Of what the source sent, where that is another one. */
      readonly sourceType?: string;
    }
  | {
      readonly kind: 'failed';
      readonly error: RelayError;
      /** Imgur may have the image all the same, so that another try may make a second one. */
      readonly possibleDuplicate?: boolean;
    }
  /** Imgur asked for a pause: the image goes back to where it waited, as if it was not tried. */
  | { readonly kind: 'paused' }
  /** The same, as `RelayProgress` said. */
  | { readonly kind: 'put_back' };

/** What an image under way tells of itself, so that it holds up no other one. */
export interface RelayProgress {
  /**
   * Where the source's name leads.
   *
   * @returns false if too much is under way there: nothing may be sent, the image is put back.
   */
  leadsTo(address: string, port: number): boolean;
  /** The source is silent, or hardly sends anything. May be said again and again. */
  sourceIsSilent(): void;
  /** The image waits for memory that other images hold: it holds up nobody meanwhile. */
  waitsForMemory(): void;
  /** All has come from the source, and the picture waits to be converted: it holds up nobody. */
  sourceIsDone(): void;
  /** The source sends again. */
  sourceSends(): void;
  /**
   * The picture is about to go to Imgur.
   *
   * @returns null if it may at once, else what tells, when that is known, whether it may: null, or
   *   what becomes of the image instead.
   */
  beforeUpload(): Promise<Outcome | null> | null;
}

/** Brings one image from its source to Imgur, once; the worker decides about another try. */
export type Relay = (
  image: RelayInput,
  cancellation: Cancellation,
  progress: RelayProgress,
) => Promise<Outcome>;

/** Says whether an upload with a credential may start now: Imgur's rate limits stand behind it. */
export interface UploadGate {
  /**
   * `enter` takes a place until `leave`; with `wait`, `onOpen` tells when to ask again; an error
   * is final for the image.
   *
   * @param key names a credential.
   */
  tryEnter(key: string): 'enter' | 'wait' | RelayError;
  leave(key: string, outcome: 'success' | 'refused' | 'other'): void;
  /** Calls back whenever what waits for that credential may ask again, never amid `tryEnter`. */
  onOpen(listener: (key: string) => void): void;
}
