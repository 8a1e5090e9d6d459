import { parseSourceUrl, sourceKey } from '../lib/net/source-url';
import { withPicturesAsLines } from './pasted-html';
import { problemWords } from './problem-words';
import { urlsInLine, type Candidate } from './urls-in-line';

/** One URL that was found in a text, as the service would judge it. */
export interface FoundUrl {
  readonly text: string;
  readonly kind: 'valid' | 'duplicate' | 'invalid';
  /** Why it is not taken; null for one that is. */
  readonly problem: string | null;
  /** What was done to it so that it can be asked for; null for one that stands as it was. */
  readonly note: string | null;
}

export interface FoundUrls {
  /** In order of appearance. */
  readonly all: readonly FoundUrl[];
  /** What is worth submitting: valid, and each source once. */
  readonly urls: readonly string[];
  readonly duplicates: number;
  readonly invalid: number;
  /** Those among the invalid that would be good with `https://` in front. */
  readonly withoutScheme: number;
  /** Lines in which there is text and no link. */
  readonly ignored: readonly string[];
}

const WITHOUT_SCHEME = /^(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?\/\S/i;
/** The names of columns that hold links; such a first line makes a table of a text. */
const HEADER = /^[^:/]*\b(?:urls?|links?|images?|pictures?|photos?|src|href)\b[^:/]*$/i;

/**
 * Finds the URLs of any text and judges each by the rules that the service applies.
 *
 * @param options.assumeHttps whether `example.com/a.jpg` is meant as `https://example.com/a.jpg`.
 */
export function findUrls(text: string, { assumeHttps = false } = {}): FoundUrls {
  const seen = new Set<string>();
  const ignored: string[] = [];
  const lines = withPicturesAsLines(text).split(/\r\n|\n|\r/);
  const inTable = isTable(lines);
  const all = lines.flatMap((line) => {
    const found = urlsInLine(line, inTable);
    if (found.length === 0 && /\w/.test(line)) ignored.push(line.trim());
    return found.map(judge);
  });
  return {
    all,
    urls: all.flatMap((found) => (found.kind === 'valid' ? [found.text] : [])),
    duplicates: all.filter(({ kind }) => kind === 'duplicate').length,
    invalid: all.filter(({ kind }) => kind === 'invalid').length,
    withoutScheme: assumeHttps ? 0 : all.filter(({ text: each }) => isWithoutScheme(each)).length,
    ignored,
  };

  function judge(candidate: Candidate): FoundUrl {
    const isMended = assumeHttps && isWithoutScheme(candidate.text);
    const { note, text: url } = isMended
      ? { text: `https://${candidate.text}`, note: 'Taken as https' }
      : candidate;
    const parsed = parseSourceUrl(url);
    if (!parsed.ok) {
      return { text: url, kind: 'invalid', problem: problemWords(parsed.kind, url), note: null };
    }
    const key = sourceKey(parsed.url);
    if (seen.has(key)) {
      return { text: url, kind: 'duplicate', problem: 'Already in the list', note: null };
    }
    seen.add(key);
    return { text: url, kind: 'valid', problem: null, note };
  }
}

const isWithoutScheme = (text: string): boolean => WITHOUT_SCHEME.test(text);

function isTable(lines: readonly string[]): boolean {
  const first = lines.find((line) => line.trim() !== '') ?? '';
  return /[,;|]/.test(first) && HEADER.test(first);
}
