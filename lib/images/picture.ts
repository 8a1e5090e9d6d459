import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { RelayError } from '../errors';
import type { Source } from './download';
import { avifStructure, webpStructure } from './convert/structures';
import type { ImageType } from './image-type';
import { readShare } from './read-share';
import { BODY, bodyError } from './source-errors';
import {
  bmpStructure,
  gifStructure,
  jpegStructure,
  pngStructure,
  tiffStructure,
} from './structures';
import { walkStructure, type Structure, type StructureWalk } from './structure-walk';

export type AcceptedType = Extract<ImageType, { kind: 'accepted' | 'convertible' }>;

/** Hears whom the picture waits for, and what becomes of it. */
export interface PictureListener {
  /** Something has come from the source. */
  arrived(bytes: number): void;
  /** There is no room for more until the reader has taken some, or there is no more. */
  full(): void;
  /** The source is waited for again. */
  wanted(): void;
  /** What was given out is no whole picture, and no more will come. */
  broken(error: Error): void;
}

const STRUCTURES: Record<string, () => Structure> = {
  jpg: jpegStructure,
  png: pngStructure,
  gif: gifStructure,
  bmp: bmpStructure,
  tiff: tiffStructure,
  webp: webpStructure,
  avif: avifStructure,
};

/** Up to here a picture never waits for large ones: most pictures of the web are smaller. */
const SMALL_BYTES = 262_144;
/** Memory for each image under way: one read of a socket waits here for Imgur to take it. */
const BUFFER_BYTES = 65_536;

/**
 * A source whose first bytes are those of a picture that Imgur takes, or of one that is converted:
 * the whole file, first bytes included. Ends with a RelayError if it turns out not to be whole. Where the source announces a
 * length, the last chunk is given out only after the whole has been judged.
 */
export class Picture extends Readable {
  readonly type: AcceptedType;
  /** How many bytes have come so far. */
  bytes = 0;
  readonly #body: IncomingMessage;
  readonly #announcedBytes: number | null;
  readonly #maxBytes: number;
  readonly #listener: PictureListener;
  readonly #walk: StructureWalk;
  #isOver = false;
  /** Whether there is no room for more until the reader has taken some. */
  #isFull = false;
  /** Whether it reads no more in this turn of the event loop. */
  #isResting = false;

  constructor(
    type: AcceptedType,
    { body, announcedBytes }: Source,
    maxBytes: number,
    listener: PictureListener,
  ) {
    super({ highWaterMark: BUFFER_BYTES });
    this.type = type;
    this.#body = body;
    this.#announcedBytes = announcedBytes;
    this.#maxBytes = maxBytes;
    this.#listener = listener;
    this.#walk = walkStructure((STRUCTURES[type.extension] ?? tiffStructure)());
    // It can break before anybody reads it.
    this.on('error', (error) => listener.broken(error));
    // Whoever reads stops because Imgur takes no more, or has answered already.
    this.on('pause', () => listener.full());
    this.on('resume', () => {
      if (!this.#isOver) listener.wanted();
    });
  }

  /** Takes what was read to judge the type, and from now on all that arrives. */
  start(head: Buffer, isEnded: boolean): void {
    this.#take(head);
    if (isEnded) {
      this.#end();
      return;
    }
    const body = this.#body;
    body.on('data', (chunk: Buffer) => {
      this.#listener.arrived(chunk.length);
      this.#take(chunk);
      this.#rest(chunk.length);
    });
    body.once('end', () => this.#end());
    body.on('error', (error) => this.destroy(bodyError(error)));
  }

  override _read(): void {
    if (this.#isOver || !this.#isFull) return;
    this.#isFull = false;
    this.#listener.wanted();
    if (!this.#isResting) this.#body.resume();
  }

  /** Leaves the rest of the turn to others. The source is waited for all the same. */
  #rest(bytes: number): void {
    const goOn = this.bytes > SMALL_BYTES ? this.#goOn : null;
    if (this.#isResting || readShare.take(bytes, goOn)) return;
    this.#isResting = true;
    this.#body.pause();
  }

  readonly #goOn = (): void => {
    this.#isResting = false;
    if (!this.#isFull) this.#body.resume();
  };

  #take(chunk: Buffer): void {
    if (this.#isOver || this.destroyed) return;
    this.bytes += chunk.length;
    if (this.bytes > this.#maxBytes) {
      this.destroy(BODY.tooMuch(this.#maxBytes));
      return;
    }
    this.#walk.push(chunk);
    // What ends here is judged before it is given out, and ends without another turn.
    const isLast = this.bytes === this.#announcedBytes;
    if (isLast && !this.#judge()) return;
    if (!this.push(chunk) && !isLast) {
      this.#isFull = true;
      this.#body.pause();
      this.#listener.full();
    }
    if (isLast) this.#close();
  }

  #end(): void {
    if (!this.#isOver && this.#judge()) this.#close();
  }

  #close(): void {
    this.#isOver = true;
    this.push(null);
    this.#listener.full();
  }

  /** Whether what has come is a whole picture. If not, it ends with the reason. */
  #judge(): boolean {
    const problem =
      lengthProblem(this.bytes, this.#announcedBytes) ??
      (this.#walk.verdict() === 'cut' ? BODY.cut() : null);
    if (problem) this.destroy(problem);
    return problem === null;
  }
}

/** What is wrong with the length of what came; null if nothing is. */
export function lengthProblem(bytes: number, announced: number | null): RelayError | null {
  if (announced !== null && bytes < announced) return BODY.short(bytes, announced);
  return bytes === 0 ? BODY.empty() : null;
}
