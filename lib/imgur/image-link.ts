/** Longer ones are no links of Imgur's, and every link is kept. In characters. */
const MAX_LENGTH = 2048;

/**
 * The link of an uploaded image as it is handed out, or null if it is none.
 *
 * Old answers have http links: those of imgur.com are upgraded. Any other host keeps its scheme,
 * since a stand-in on localhost speaks http alone. A trailing dot is what Imgur leaves of the
 * extension when it did not know the type.
 */
export function imageLink(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > MAX_LENGTH) return null;
  const text = value.trim().replace(/\.+$/, '');
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return null;
  if (/^(?:.+\.)?imgur\.com$/.test(url.hostname)) url.protocol = 'https:';
  return url.href.length > MAX_LENGTH ? null : url.href;
}
