/** One address as it stands in a line, and as it would be asked for. */
export interface Candidate {
  readonly text: string;
  /** Where it differs from the text: what was added, in words. */
  readonly note: string | null;
}

/** Where a URL begins inside a text, whatever its scheme; or with the scheme left out. */
const SCHEME = /[a-z][a-z0-9+.-]*:(?:\/\/|\\\\)|(?<![\w:/.\\-])\/\/(?=[\w-]+\.[\w.-]+[/:])/gi;
/** What ends a URL inside a text: blanks, and the quotes and brackets of HTML, JSON and Markdown. */
const END = /[\s<>"`]/;
/** Alone on its line, a word with one of these in its midst was meant as a URL. */
const URL_LIKE = /^\S*[^\s.:][./:\\@]+[^\s.:]\S*$/;
const PICTURE = /\.(?:jpe?g|png|gif|bmp|tiff?|webp|avif|apng|heic)$/i;
const TRAILING = /[.,;:!?*_']+$/;
const BRACKETS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/**
 * The addresses in one line of any text.
 *
 * @param inTable whether the line is one of a table, whose cells commas part.
 */
export function urlsInLine(line: string, inTable = false): Candidate[] {
  const trimmed = withoutJsonEscapes(line.trim());
  if (trimmed === '') return [];
  const starts = [...trimmed.matchAll(SCHEME)].map(({ index }) => index);
  const spaced = withBlanks(trimmed, starts);
  if (spaced !== null) return [spaced];
  // A line that is one URL is taken as it stands, like an item of the API's list.
  const isOneUrl = starts[0] === 0 && !END.test(trimmed);
  const found: string[] = [];
  let end = 0;
  for (const start of starts) {
    // A URL inside another one's query is a part of that.
    if (start < end) continue;
    end = endOf(trimmed, start, inTable);
    const url = trimmed.slice(start, end);
    const isWhole = isOneUrl && end === trimmed.length;
    found.push(isWhole ? url.replace(/[,;]+$/, '') : tidy(url, trimmed.slice(0, start)));
  }
  if (found.length > 0) return found.map(withScheme);
  const word = trimmed.replace(/^["'<([]+/, '').replace(/["'>)\],;]+$/, '');
  return URL_LIKE.test(word) ? [{ text: word, note: null }] : [];
}

function withScheme(text: string): Candidate {
  return text.startsWith('//')
    ? { text: `https:${text}`, note: 'Taken as https' }
    : { text, note: null };
}

/** `http:\/\/a.example\/?a\u0026b` is how some programs write JSON. */
function withoutJsonEscapes(line: string): string {
  if (!/:\\\/\\\//.test(line)) return line;
  return line.replaceAll('\\/', '/').replace(/\\u0026/gi, '&');
}

/** `https://a.example/my picture.png`, alone on its line or in quotes, is one address with a blank. */
function withBlanks(line: string, starts: readonly number[]): Candidate | null {
  const [start] = starts;
  if (start === undefined || starts.length > 1) return null;
  const opening = line[start - 1] ?? '';
  const isQuoted = opening === '"' || opening === "'";
  const close = isQuoted ? line.indexOf(opening, start) : -1;
  if (start > 0 && close === -1) return null;
  const whole = line.slice(start, close === -1 ? undefined : close);
  const [first = ''] = whole.split(/\s/);
  const isOne = /\s/.test(whole) && !/[<>"`]/.test(whole) && PICTURE.test(whole);
  if (!isOne || PICTURE.test(first.replace(TRAILING, '')) || /[\s(]\S*\/\//.test(whole))
    return null;
  const { text } = withScheme(whole.trim().replace(/\s/g, '%20'));
  return { text, note: 'Blanks are written as %20' };
}

/** The end of the URL that begins at `start`; a list may go on behind a comma with the next one. */
function endOf(line: string, start: number, inTable: boolean): number {
  const rest = line.slice(start);
  const before = line.slice(0, start);
  const ends = [
    rest.search(END),
    rest.search(/[,;|](?:https?:)?\/\//i),
    rest.search(/\[\/(?:img|url)\]/i),
    before.endsWith("'") ? rest.indexOf("'") : -1,
    /\[(?:url|img)=$/i.test(before) ? rest.indexOf(']') : -1,
    endOfCell(rest, before, inTable),
  ].filter((at) => at > 0);
  return start + Math.min(rest.length, ...ends);
}

/** Where a comma parts cells: between others, behind a picture's name, or anywhere in a table. */
function endOfCell(rest: string, before: string, inTable: boolean): number {
  const delimiter = /[,;|]$/.exec(before)?.[0] ?? /[,;|]/.exec(rest)?.[0];
  if (delimiter === undefined) return -1;
  const at = rest.indexOf(delimiter);
  if (inTable || before.endsWith(delimiter)) return at;
  const [cell, others] = [rest.slice(0, Math.max(0, at)), rest.slice(at + 1)];
  return PICTURE.test(cell) && !others.includes('/') && others !== '' ? at : -1;
}

/** Without the punctuation of the sentence that a URL stands in, or the escapes of an attribute. */
function tidy(found: string, before: string): string {
  let url = /=["']$/.test(before) ? found.replaceAll('&amp;', '&') : found;
  for (;;) {
    const shorter = withoutLooseBracket(url.replace(TRAILING, ''));
    if (shorter === url) return url;
    url = shorter;
  }
}

/** `(see https://example.com/a.png)` ends before the bracket, `…/a_(1).png` does not. */
function withoutLooseBracket(url: string): string {
  const last = url.at(-1) ?? '';
  const opening = BRACKETS[last];
  if (opening === undefined) return url;
  return url.split(opening).length < url.split(last).length ? url.slice(0, -1) : url;
}
