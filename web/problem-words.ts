import { parseSourceUrl, type SourceProblem } from '../lib/net/source-url';

const WORDS: Readonly<Record<Exclude<SourceProblem, 'not_absolute'>, string>> = {
  credentials: 'There is a name or a password in it: leave them out',
  control_characters: 'There are invisible characters in it',
  backslash: 'There is a backslash in it: write / instead',
  too_long: 'It is too long',
  bad_host: 'The name of its host is not a valid one',
  invalid: 'It is not a valid address',
};

/** What is wrong with a URL, in words for people. */
export function problemWords(kind: SourceProblem, url: string): string {
  if (kind !== 'not_absolute') return WORDS[kind];
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (scheme !== undefined && !/^https?$/.test(scheme)) {
    return `Only http and https links can be fetched, not ${scheme}`;
  }
  if (/^data:/i.test(url)) return 'It is a picture inside the text, not a link to one';
  if (/^https?:/i.test(url)) return 'It is not a whole address';
  return 'It is no link: links begin with https://';
}

/** Why the service does not take a URL, by the rules that it has in common with the page. */
export function refusalOf(url: string): string {
  const parsed = parseSourceUrl(url);
  return parsed.ok ? 'The service does not take it' : problemWords(parsed.kind, url);
}
