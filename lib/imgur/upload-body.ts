import type { ClientRequest, IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { RelayError } from '../errors';

/** What stands before and behind the image in a multipart body. */
export interface Framing {
  readonly head: Buffer;
  readonly tail: Buffer;
}

/**
 * The body of an upload: the image in its framing, exactly as many bytes as were announced to
 * Imgur, or an error. One stream and no copies: what the image's stream gives is what is sent.
 *
 * node-fetch 2 pipes a body into its request and shows that request to nobody else. Here it is
 * met, and with it what node-fetch leaves out: whether the request was sent whole, whether the
 * answer was cut off (node-fetch waits for the rest for ever), and a way to end a request that
 * Imgur answered early.
 */
export class UploadBody extends Readable {
  readonly #image: Readable | Buffer;
  readonly #bytes: number;
  readonly #framing: Framing;
  readonly #onCut: () => void;
  #count = 0;
  #isStarted = false;
  #isWhole = false;
  #request: ClientRequest | null = null;
  #response: IncomingMessage | null = null;
  #isBegun = false;
  /** Whether all bytes have been handed to the operating system. */
  #isSent = false;

  /**
   * @param bytes of the image.
   * @param onCut called when the connection is lost amid the answer.
   */
  constructor(image: Readable | Buffer, bytes: number, framing: Framing, onCut: () => void) {
    super();
    this.#image = image;
    this.#bytes = bytes;
    this.#framing = framing;
    this.#onCut = onCut;
  }

  /** Whether there was a connection to send over: Imgur may have any part of the request. */
  get isBegun(): boolean {
    return this.#isBegun;
  }

  override pipe<T extends NodeJS.WritableStream>(target: T, options?: { end?: boolean }): T {
    const request = target as unknown as ClientRequest;
    this.#request = request;
    request.once('socket', (socket) => {
      if (socket.connecting) {
        const ready = socket instanceof TLSSocket ? 'secureConnect' : 'connect';
        socket.once(ready, () => (this.#isBegun = true));
      } else {
        this.#isBegun = true;
      }
    });
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
    if (!this.#isWhole) this.unpipe();
  }

  /** Closes the connection unless both sides are through, so that it can serve the next one. */
  release(): void {
    if (!Buffer.isBuffer(this.#image)) this.#image.pause();
    if (!this.#isSent || !this.#response?.complete) this.#request?.destroy();
  }

  override _read(): void {
    if (!this.#isStarted) this.#start();
    else if (!Buffer.isBuffer(this.#image)) this.#image.resume();
  }

  #start(): void {
    this.#isStarted = true;
    const image = this.#image;
    this.push(this.#framing.head);
    if (Buffer.isBuffer(image)) {
      this.#take(image);
      this.#finish();
      return;
    }
    image.on('data', (chunk: Buffer) => {
      if (!this.#take(chunk)) image.pause();
    });
    image.once('end', () => this.#finish());
  }

  /** @returns whether more may follow at once. */
  #take(chunk: Buffer): boolean {
    this.#count += chunk.length;
    // The bytes behind the end would be read as the next request.
    if (this.#count > this.#bytes) this.destroy(mismatch('more'));
    return !this.destroyed && this.push(chunk);
  }

  #finish(): void {
    if (this.#count < this.#bytes) this.destroy(mismatch('fewer'));
    if (this.destroyed) return;
    this.#isWhole = true;
    this.push(this.#framing.tail);
    this.push(null);
  }
}

function mismatch(what: 'more' | 'fewer'): RelayError {
  return new RelayError('truncated', `The source sent ${what} bytes than it announced.`);
}
