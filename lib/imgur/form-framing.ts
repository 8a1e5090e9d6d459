import FormData from 'form-data';

/** What stands around an image in a multipart body (RFC 7578). */
export interface FormFraming {
  /** The value of the request's Content-Type. */
  readonly contentType: string;
  /** In latin1, as it is all ASCII. */
  readonly head: string;
  readonly tail: string;
}

const FILENAME = 'FILENAME';
const NOTHING = Buffer.alloc(0);

/** What form-data made for each MIME type, with a stand-in for the name of the file. */
const encoded = new Map<string, FormFraming>();

/**
 * What form-data puts around an image. It encodes each type's form once, without an image, which is
 * then sent between the two: an object of form-data for every upload costs more than the rest of
 * the request. The boundary is random, of 24 hexadecimal digits, and known to Imgur alone.
 *
 * `type` goes first, so that a reader of the stream knows how to take the image.
 *
 * @param type a MIME type; there are only so many that Imgur takes.
 * @param filename without quotes or line breaks.
 */
export function frameImage(type: string, filename: string): FormFraming {
  let framing = encoded.get(type);
  if (!framing) {
    framing = encode(type);
    encoded.set(type, framing);
  }
  return { ...framing, head: framing.head.replace(FILENAME, () => filename) };
}

function encode(type: string): FormFraming {
  const form = new FormData();
  form.append('type', 'file');
  form.append('image', NOTHING, { filename: FILENAME, contentType: type });
  const body = form.getBuffer().toString('latin1');
  const tailStart = body.length - `\r\n--${form.getBoundary()}--\r\n`.length;
  return {
    contentType: `multipart/form-data; boundary=${form.getBoundary()}`,
    head: body.slice(0, tailStart),
    tail: body.slice(tailStart),
  };
}
