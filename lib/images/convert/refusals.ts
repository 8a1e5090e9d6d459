import { RelayError } from '../../errors';

/** @param name of the format, where that is known. */
export function convertingIsOff(name = 'WebP or AVIF'): RelayError {
  return new RelayError(
    'unsupported_image',
    `The picture is ${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name} file, which Imgur does not take, ` +
      'and converting is off.',
  );
}

/** @param pixels of all frames together. */
export function tooManyPixels(pixels: number, most: number): RelayError {
  return new RelayError(
    'unsupported_image',
    `The picture has ${pixels} pixels in all; at most ${most} are converted.`,
  );
}
