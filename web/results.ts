import type { Image } from './api';

/** What became of each image, as the service tells it. */
export function resultsAsJson(images: readonly Image[]): string {
  return `${JSON.stringify(images, null, 2)}\n`;
}
