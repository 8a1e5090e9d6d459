/**
 * What goes over the pipes of a child that converts: the length of a JSON text (32 bits, little
 * endian), the text, and as many bytes as its `bytes` says.
 */

/** What the child says. It decodes what strangers send, so nothing that it says is believed. */
export interface Frame {
  readonly about: Readonly<Record<string, unknown>>;
  readonly chunks: Buffer[];
  readonly bytes: number;
}

const MAX_TEXT_BYTES = 4096;

/** @param about its `bytes` is the length of what follows. */
export function frameHead(about: {
  readonly bytes: number;
  readonly [key: string]: unknown;
}): Buffer {
  const text = Buffer.from(JSON.stringify(about));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text]);
}

/** Puts frames together from what comes in pieces. */
export class FrameReader {
  readonly #maxBytes: number;
  #head: Buffer = Buffer.alloc(0);
  #about: Record<string, unknown> | null = null;
  #bytes = 0;
  #missing = 0;
  #chunks: Buffer[] = [];

  /** @param maxBytes the most that may follow a text. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * @returns the frames that are whole now.
   * @throws {Error} for what is no frame.
   */
  push(chunk: Buffer): Frame[] {
    const frames: Frame[] = [];
    let rest: Buffer | null = chunk;
    while (rest) {
      rest = this.#about ? this.#takeBytes(rest) : this.#takeText(rest);
      if (!this.#about || this.#missing > 0) continue;
      frames.push({ about: this.#about, chunks: this.#chunks, bytes: this.#bytes });
      this.#about = null;
      this.#chunks = [];
    }
    return frames;
  }

  /** @returns what is left, if anything is. */
  #takeText(chunk: Buffer): Buffer | null {
    const head = Buffer.concat([this.#head, chunk]);
    const length = head.length >= 4 ? head.readUInt32LE(0) : 0;
    if (length > MAX_TEXT_BYTES) throw new Error(`Expected a short text, got ${length} bytes`);
    if (head.length < 4 + length || length === 0) {
      if (head.length >= 4 && length === 0) throw new Error('Expected a text, got none');
      this.#head = head;
      return null;
    }
    const about: unknown = JSON.parse(head.toString('utf8', 4, 4 + length));
    if (typeof about !== 'object' || about === null) throw new Error('Expected an object');
    this.#about = about as Record<string, unknown>;
    const { bytes = 0 } = this.#about;
    if (!Number.isInteger(bytes) || Number(bytes) < 0 || Number(bytes) > this.#maxBytes) {
      throw new Error(`Expected at most ${this.#maxBytes} bytes`);
    }
    this.#bytes = this.#missing = Number(bytes);
    this.#head = Buffer.alloc(0);
    const rest = head.subarray(4 + length);
    return rest.length > 0 ? rest : null;
  }

  #takeBytes(chunk: Buffer): Buffer | null {
    const part = chunk.subarray(0, this.#missing);
    this.#chunks.push(part);
    this.#missing -= part.length;
    return part.length < chunk.length ? chunk.subarray(part.length) : null;
  }
}
