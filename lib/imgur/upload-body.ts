import type { ClientRequest, IncomingMessage } from 'node:http';
import { Transform, type TransformCallback } from 'node:stream';
import { RelayError } from '../errors';

/**
 * The body of an upload: exactly as many bytes as were announced to Imgur, or an error.
 *
 * node-fetch 2 pipes a body into its request and shows that request to nobody else. Here it is
 * met, and with it what node-fetch leaves out: whether the request was sent whole, whether the
 * answer was cut off (node-fetch waits for the rest for ever), and a way to end a request that
 * Imgur answered early.
 */
export class UploadBody extends Transform {
  readonly #announced: number;
  readonly #onCut: () => void;
  #count = 0;
  #request: ClientRequest | null = null;
  #response: IncomingMessage | null = null;
  #isSent = false;

  /**
   * @param announced the Content-Length, in bytes.
   * @param onCut called when the connection is lost amid the answer.
   */
  constructor(announced: number, onCut: () => void) {
    super();
    this.#announced = announced;
    this.#onCut = onCut;
  }

  /** Whether all bytes have been handed to the operating system: Imgur may have them. */
  get isSent(): boolean {
    return this.#isSent;
  }

  override pipe<T extends NodeJS.WritableStream>(target: T, options?: { end?: boolean }): T {
    const request = target as unknown as ClientRequest;
    this.#request = request;
    request.once('finish', () => {
      this.#isSent = true;
    });
    request.once('response', (response: IncomingMessage) => {
      this.#response = response;
      response.once('close', () => {
        if (!response.complete) this.#onCut();
      });
    });
    return super.pipe(target, options);
  }

  /** Sends no more of a body that Imgur has answered already: to write on could break the reply. */
  hold(): void {
    if (this.#count < this.#announced) this.unpipe();
  }

  /** Closes the connection unless both sides are through, so that it can serve the next one. */
  release(): void {
    if (!this.#isSent || !this.#response?.complete) this.#request?.destroy();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#count += chunk.length;
    // The bytes behind the end would be read as the next request.
    if (this.#count > this.#announced) done(this.#mismatch('more'));
    else done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    done(this.#count < this.#announced ? this.#mismatch('fewer') : null);
  }

  #mismatch(what: 'more' | 'fewer'): RelayError {
    return new RelayError('truncated', `The source sent ${what} bytes than it announced.`);
  }
}
