import { parseSourceUrl, sourceKey } from '../lib/net/source-url';

/** One URL that was found in a text, as the service would judge it. */
export interface FoundUrl {
  readonly text: string;
  readonly kind: 'valid' | 'duplicate' | 'invalid';
  /** Why it is not taken; null for one that is. */
  readonly problem: string | null;
}

export interface FoundUrls {
  /** In order of appearance. */
  readonly all: readonly FoundUrl[];
  /** What is worth submitting: valid, and each source once. */
  readonly urls: readonly string[];
  readonly duplicates: number;
  readonly invalid: number;
}

/** Where a URL begins inside a text, whatever its scheme. */
const SCHEME = /[a-z][a-z0-9+.-]*:(?:\/\/|\\\\)/gi;
/** What ends a URL inside a text: blanks, and the quotes and brackets of HTML, JSON and Markdown. */
const END = /[\s<>"`]/;
/** Alone on its line, a word with one of these in its midst was meant as a URL. */
const URL_LIKE = /^\S*[^\s.:][./:\\@]+[^\s.:]\S*$/;
const TRAILING = /[.,;:!?*_']+$/;
const BRACKETS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** Finds the URLs of any text and judges each by the rules that the service applies. */
export function findUrls(text: string): FoundUrls {
  const seen = new Set<string>();
  const all = text
    .split(/\r\n|\n|\r/)
    .flatMap(candidates)
    .map(judge);
  return {
    all,
    urls: all.flatMap((found) => (found.kind === 'valid' ? [found.text] : [])),
    duplicates: all.filter(({ kind }) => kind === 'duplicate').length,
    invalid: all.filter(({ kind }) => kind === 'invalid').length,
  };

  function judge(candidate: string): FoundUrl {
    const parsed = parseSourceUrl(candidate);
    if (!parsed.ok) return { text: candidate, kind: 'invalid', problem: parsed.problem };
    const key = sourceKey(parsed.url);
    if (seen.has(key))
      return { text: candidate, kind: 'duplicate', problem: 'Already in the list' };
    seen.add(key);
    return { text: candidate, kind: 'valid', problem: null };
  }
}

function candidates(line: string): string[] {
  const trimmed = line.trim();
  if (trimmed === '') return [];
  const starts = [...trimmed.matchAll(SCHEME)].map(({ index }) => index);
  // A line that is one URL is taken as it stands, like an item of the API's list.
  const isOneUrl = starts[0] === 0 && !END.test(trimmed);
  const found: string[] = [];
  let end = 0;
  for (const start of starts) {
    // A URL inside another one's query is a part of that.
    if (start < end) continue;
    end = endOf(trimmed, start);
    const url = trimmed.slice(start, end);
    found.push(isOneUrl ? url.replace(/[,;]+$/, '') : tidy(url, trimmed.slice(0, start)));
  }
  if (found.length > 0) return found;
  const word = trimmed.replace(/^["'<([]+/, '').replace(/["'>)\],;]+$/, '');
  return URL_LIKE.test(word) ? [word] : [];
}

/** The end of the URL that begins at `start`; a list may go on behind a comma with the next one. */
function endOf(line: string, start: number): number {
  const rest = line.slice(start);
  const quote = line[start - 1] === "'" ? rest.indexOf("'") : -1;
  const ends = [rest.search(END), rest.search(/[,;|]https?:\/\//i), quote].filter((at) => at > 0);
  return start + Math.min(rest.length, ...ends);
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
