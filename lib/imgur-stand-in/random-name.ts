import { randomInt } from 'node:crypto';

const ALPHANUMERICS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** So many letters and digits, as Imgur names pictures; drawn so that none can be guessed. */
export function randomName(length: number): string {
  let name = '';
  while (name.length < length) name += ALPHANUMERICS.charAt(randomInt(ALPHANUMERICS.length));
  return name;
}
