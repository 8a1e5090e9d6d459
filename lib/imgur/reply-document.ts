/** A property of anything that was parsed from JSON; undefined where there is none. */
export function field(value: unknown, key: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string | number, unknown>)[key];
}

/**
 * The first JSON object or array of a text, which may be followed by more: Imgur has been seen to
 * answer with two documents on consecutive lines. Undefined for any other text. Never throws.
 */
export function firstJson(text: string): unknown {
  const start = text.trimStart();
  if (!/^[[{]/.test(start)) return undefined;
  return parse(start) ?? parse(start.slice(0, endOfFirst(start)));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Where the first object or array ends: behind the bracket that closes the one it begins with. */
function endOfFirst(text: string): number {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (quoted) {
      if (char === '\\') at += 1;
      else if (char === '"') quoted = false;
    } else if (char === '"') {
      quoted = true;
    } else if (char === '{' || char === '[') {
      depth += 1;
    } else if (char === '}' || char === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

/** What a body that is not JSON says: the title of an HTML page, or else the text itself. */
export function wordsOf(text: string): string {
  const title = /<title[^>]{0,200}>([^<]{1,500})/i.exec(text)?.[1];
  if (title !== undefined) return title;
  // A page without a title says nothing that fits into a sentence, and cut JSON even less.
  return /^\s*[<[{]/.test(text) ? '' : text;
}
