import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { Cancellation } from '../cancellation';
import type { RelayError } from '../errors';
import type { Outcome } from '../jobs/relay';

/** One image on its way to Imgur. */
export interface ImageUpload {
  /** It may still be filling. It stays the caller's: to be destroyed when all is over. */
  body: Readable;
  bytes: number;
  /** A MIME type. */
  type: string;
  /** Without quotes or line breaks. */
  filename: string;
  /** Ends the upload; carries every time limit. */
  cancellation: Cancellation;
}

/** What came of an upload. */
export type UploadOutcome =
  | { readonly kind: 'uploaded'; readonly link: string; readonly deletehash?: string | null }
  | Extract<Outcome, { kind: 'failed' }>
  /** Imgur asked for a pause, and the gate is closed: the image may wait. */
  | { readonly kind: 'paused' }
  | Unsettled;

/** An upload that is to be tried once more at once, as it was not the image's fault. */
export type Unsettled =
  /** The access token was refused, and another one may be had. */
  | { readonly kind: 'token_refused'; readonly authorization: string }
  /** The connection had been closed while it idled: Imgur cannot have the image. */
  | { readonly kind: 'unsent'; readonly error: RelayError };

/** What Imgur answered, or why it did not. */
export type Posted =
  | {
      kind: 'reply';
      status: number;
      headers: IncomingHttpHeaders;
      text: string;
      /** False if the connection was lost amid the answer. */
      complete: boolean;
      /** Whether the image was on its way as a whole when the answer came. */
      wholeSent: boolean;
    }
  | {
      kind: 'lost';
      cause: unknown;
      /** Whether the upload had begun, so that Imgur may have it. */
      begun: boolean;
      /** Whether that was a reset of a connection from an upload before, amid the image at most. */
      isStale: boolean;
    }
  | {
      kind: 'cancelled';
      reason: Error;
      /** Whether the image was on its way as a whole by then, so that Imgur may have it. */
      wholeSent: boolean;
    };
