import { picture } from './pictures';
import type { Serve } from './source-server';

/** Routes of a source: `/0`, `/1` and so on, each a picture that is answered after a while. */
export function slowPictures(count: number, delayMs: number): Record<string, Serve> {
  const bytes = picture('rgb8.png');
  const serve: Serve = (_request, response) => {
    setTimeout(() => {
      response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    }, delayMs);
  };
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`/${n}`, serve]));
}
