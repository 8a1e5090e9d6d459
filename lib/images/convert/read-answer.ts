import { RelayError } from '../../errors';
import { HEAD_BYTES, imageTypeOf } from '../image-type';
import type { Frame } from './frames';
import { convertingIsOff, tooManyPixels } from './refusals';

export interface ConvertedType {
  readonly mime: string;
  readonly extension: string;
}

/** What a picture may be converted to. */
const MADE = new Set(['image/jpeg', 'image/png', 'image/gif']);

/**
 * The picture that a child made, judged by its first bytes: whoever took the child over by a picture
 * shall not send Imgur anything else by it.
 *
 * @throws {RelayError} for a refusal, and for anything else than a picture.
 */
export function readAnswer(
  { about, chunks, bytes }: Frame,
  { maxBytes, maxPixels }: { readonly maxBytes: number; readonly maxPixels: number },
): { readonly type: ConvertedType; readonly chunks: Buffer[]; readonly bytes: number } {
  const type = about.kind === 'converted' ? imageTypeOf(headOf(chunks)) : null;
  if (type?.kind === 'accepted' && MADE.has(type.mime)) return { type, chunks, bytes };
  if (about.kind === 'missing') throw convertingIsOff();
  switch (about.refusal) {
    case 'too_many_pixels':
      throw tooManyPixels(Number(about.pixels), maxPixels);
    case 'too_large':
      throw new RelayError(
        'too_large',
        `The picture takes more than the ${maxBytes} bytes allowed once it is converted.`,
      );
    default:
      throw new RelayError(
        'conversion_failed',
        'The picture is damaged, or takes too much memory to convert.',
      );
  }
}

function headOf(chunks: readonly Buffer[]): Buffer {
  let head: Buffer = Buffer.alloc(0);
  for (const chunk of chunks) {
    head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
    if (head.length === HEAD_BYTES) break;
  }
  return head;
}
