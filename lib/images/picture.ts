import { RelayError } from '../errors';
import { connectionError } from '../net/connection-error';
import type { Source } from './download';
import { HEAD_BYTES, imageTypeOf, type ImageType } from './image-type';
import { tooLarge } from './source-status';
import {
  bmpStructure,
  gifStructure,
  jpegStructure,
  pngStructure,
  tiffStructure,
} from './structures';
import { walk, type Structure } from './walk';

type AcceptedType = Extract<ImageType, { kind: 'accepted' }>;

/** A source whose first bytes are those of a picture that Imgur takes. */
export interface Picture {
  readonly type: AcceptedType;
  /** The whole file, first bytes included. Ends with a RelayError if it turns out not to be whole. */
  readonly chunks: AsyncIterable<Buffer>;
  /** How many bytes have come out of `chunks` so far. */
  readonly bytes: number;
}

const STRUCTURES: Record<string, () => Structure> = {
  jpg: jpegStructure,
  png: pngStructure,
  gif: gifStructure,
  bmp: bmpStructure,
  tiff: tiffStructure,
};

/**
 * Reads as much of a source as the judgement of its type takes, and no more.
 *
 * @param onChunk called whenever something arrives.
 * @throws {RelayError} `empty`, `truncated`, `not_an_image`, `unsupported_image` or `too_large`.
 */
export async function openPicture(
  source: Source,
  maxBytes: number,
  onChunk: () => void,
): Promise<Picture> {
  const arriving = source.body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const head: Buffer[] = [];
  let headBytes = 0;
  let ended = false;
  while (headBytes < HEAD_BYTES && !ended) {
    const chunk = await nextChunk(arriving, onChunk);
    if (chunk) {
      head.push(chunk);
      headBytes += chunk.length;
    } else {
      ended = true;
    }
  }
  const start = Buffer.concat(head);
  if (ended) checkLength(start.length, source.announcedBytes);
  const type = judge(start);

  const picture = { type, bytes: 0, chunks: chunks() };
  return picture;

  async function* chunks(): AsyncGenerator<Buffer> {
    const structure = walk((STRUCTURES[type.extension] ?? tiffStructure)());
    let chunk: Buffer | null = start;
    while (chunk) {
      picture.bytes += chunk.length;
      if (picture.bytes > maxBytes) throw tooLarge(maxBytes, 'sends more bytes than it may');
      structure.push(chunk);
      yield chunk;
      chunk = ended ? null : await nextChunk(arriving, onChunk);
    }
    checkLength(picture.bytes, source.announcedBytes);
    if (structure.verdict() === 'cut') {
      throw new RelayError('truncated', 'The picture breaks off before its end.');
    }
  }
}

async function nextChunk(
  arriving: AsyncIterator<Buffer>,
  onChunk: () => void,
): Promise<Buffer | null> {
  try {
    const next = await arriving.next();
    if (next.done) return null;
    onChunk();
    return next.value;
  } catch (error) {
    const failed = connectionError(error);
    // An answer that has begun and breaks off is no failed connection to its reader.
    if (failed.code !== 'connection_failed') throw failed;
    throw new RelayError('truncated', 'The source broke off in the middle of the picture.', {
      cause: error,
    });
  }
}

function checkLength(bytes: number, announced: number | null): void {
  if (announced !== null && bytes < announced) {
    throw new RelayError(
      'truncated',
      `The source sent ${bytes} of the ${announced} bytes that it announced.`,
    );
  }
  if (bytes === 0) throw new RelayError('empty', 'The source sent no bytes.');
}

function judge(head: Buffer): AcceptedType {
  const type = imageTypeOf(head);
  switch (type.kind) {
    case 'accepted':
      return type;
    case 'unsupported':
      throw new RelayError(
        'unsupported_image',
        `The picture is ${/^[aeiou]/i.test(type.name) ? 'an' : 'a'} ${type.name} file, ` +
          'which Imgur does not take; it takes JPEG, PNG, GIF, TIFF and BMP.',
      );
    case 'none':
      throw new RelayError(
        'not_an_image',
        'The first bytes are not those of a picture; JPEG, PNG, GIF, TIFF and BMP are taken.',
      );
  }
}
