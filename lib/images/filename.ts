/** Enough to recognise a file by, and short enough for every header line. */
const MAX_STEM = 80;

/**
 * A name for the upload's file part: the last segment of the source's path reduced to harmless
 * characters, with the extension of what the bytes are. Query and host stay at home.
 */
export function filenameOf(url: URL, extension: string): string {
  const segment = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
  const stem = segment
    .replace(/\.[A-Za-z0-9]{1,5}$/, '')
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[._]+/, '')
    .slice(0, MAX_STEM);
  return `${stem || 'image'}.${extension}`;
}
