/** A tag with all that stands in it; attribute values may hold a `>`. */
const TAG = /<(img|source)\b((?:[^>"']|"[^"]*"|'[^']*')*)>/gi;
const ATTRIBUTE = /([a-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi;
const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&#38;': '&',
  '&quot;': '"',
  '&#39;': "'",
  '&lt;': '<',
  '&gt;': '>',
};

/** The address of each picture in a piece of HTML, in order: of a `srcset` the largest one. */
export function picturesOf(html: string): string[] {
  const pictures: string[] = [];
  withoutPictures(html, pictures);
  return pictures;
}

/** A text where each picture of HTML has given way to its address, on a line of its own. */
export function withPicturesAsLines(text: string): string {
  // Most texts have none, and may be long.
  if (!/<(?:img|source)\b/i.test(text)) return text;
  return withoutPictures(text, []);
}

function withoutPictures(html: string, pictures: string[]): string {
  return html.replace(TAG, (_tag, name: string, rest: string) => {
    // What a `source` offers is the same picture as the `img` beside it.
    if (name.toLowerCase() === 'source') return '\n';
    const found = addressOf(rest);
    if (found === null) return '\n';
    pictures.push(found);
    return `\n${found}\n`;
  });
}

function addressOf(attributes: string): string | null {
  const values = new Map<string, string>();
  for (const [, name = '', double, single, bare] of attributes.matchAll(ATTRIBUTE)) {
    values.set(name.toLowerCase(), unescaped(double ?? single ?? bare ?? ''));
  }
  const found = largestOf(values.get('srcset') ?? '') ?? values.get('src') ?? '';
  // A browser takes the blanks inside an attribute for `%20` as well.
  return found.trim() === '' ? null : found.trim().replace(/\s/g, '%20');
}

/** Of `a.png 1x, b.png 2x` or `a.png 400w, b.png 800w` the last in size (HTML, section 4.8.4.2.1). */
function largestOf(srcset: string): string | null {
  const candidates = [...srcset.matchAll(/(\S*[^\s,])(?:\s+([\d.]+)[wx])?\s*(?:,|$)/g)];
  const largest = candidates.reduce<{ url: string; size: number } | null>((best, [, url, size]) => {
    const next = { url: url ?? '', size: Number(size ?? 1) };
    return best === null || next.size > best.size ? next : best;
  }, null);
  return largest?.url ?? null;
}

function unescaped(text: string): string {
  return text.replace(/&(?:amp|quot|lt|gt|#38|#39);/g, (entity) => ENTITIES[entity] ?? entity);
}
