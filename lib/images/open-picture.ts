import type { Cancellation } from '../cancellation';
import { RelayError } from '../errors';
import { avifHeadBytes, pixelsOf } from './convert/pixels';
import { convertingIsOff, tooManyPixels } from './convert/refusals';
import type { Source } from './download';
import { HEAD_BYTES, imageTypeOf } from './image-type';
import { lengthProblem, Picture, type AcceptedType, type PictureListener } from './picture';
import { bodyError } from './source-errors';

const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Reads as much of a source as the judgement of its type takes, and no more.
 *
 * @param maxPixels the most that a picture to be converted may have; null where none is.
 * @throws {RelayError} `empty`, `truncated`, `not_an_image` or `unsupported_image`.
 * @throws the reason of the cancellation.
 */
export function openPicture(
  source: Source,
  maxBytes: number,
  listener: PictureListener,
  cancellation: Cancellation,
  maxPixels: number | null = null,
): Promise<Picture> {
  const { body, announcedBytes } = source;
  return new Promise((resolve, reject) => {
    cancellation.onCancel(reject);
    // It can break off in the moment in which it was opened, and will not say so again.
    if (body.errored) throw bodyError(body.errored);
    let head = NOTHING;
    const take = (chunk: Buffer): void => {
      listener.arrived(chunk.length);
      head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
      if (head.length >= headBytes(head)) open(false);
    };
    const end = (): void => open(true);
    const fail = (error: Error): void => reject(bodyError(error));
    body.on('data', take);
    body.once('end', end);
    body.on('error', fail);

    function open(isEnded: boolean): void {
      body.off('data', take).off('end', end).off('error', fail);
      const problem = isEnded ? lengthProblem(head.length, announcedBytes) : null;
      const type = problem ?? judge(head, maxPixels);
      if (type instanceof Error) {
        reject(type);
        return;
      }
      const picture = new Picture(type, source, maxBytes, listener);
      picture.start(head, isEnded);
      resolve(picture);
    }
  });
}

/** How many of the first bytes it takes to judge what begins with these. */
function headBytes(head: Buffer): number {
  if (head.length < HEAD_BYTES) return HEAD_BYTES;
  const type = imageTypeOf(head);
  const isOpen = type.kind === 'unsupported' && type.name === 'HEIF';
  const isAvif = type.kind === 'convertible' && type.extension === 'avif';
  return isOpen || isAvif ? avifHeadBytes(head) : HEAD_BYTES;
}

function judge(head: Buffer, maxPixels: number | null): AcceptedType | RelayError {
  const type = imageTypeOf(head);
  switch (type.kind) {
    case 'convertible': {
      if (maxPixels === null) return convertingIsOff(type.name);
      const pixels = pixelsOf(head);
      return pixels !== null && pixels > maxPixels ? tooManyPixels(pixels, maxPixels) : type;
    }
    case 'accepted':
      return type;
    case 'unsupported':
      return new RelayError(
        'unsupported_image',
        `The picture is ${/^[aeiou]/i.test(type.name) ? 'an' : 'a'} ${type.name} file, ` +
          'which Imgur does not take; it takes JPEG, PNG, GIF, TIFF and BMP.',
      );
    case 'none':
      return new RelayError(
        'not_an_image',
        'The first bytes are not those of a picture; JPEG, PNG, GIF, TIFF, BMP, WebP and AVIF are taken.',
      );
  }
}
