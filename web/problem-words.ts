/** What the service says of a URL that it does not take, and what it means for whoever pasted it. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/without credentials/, 'There is a name or a password in it: leave them out'],
  [/control characters/, 'There are invisible characters in it'],
  [/without "\\"/, 'There is a backslash in it: write / instead'],
  [/at most \d+ characters/, 'It is too long'],
  [/a host name of/, 'The name of its host is not a valid one'],
  [/a valid http or https URL/, 'It is not a valid address'],
];

/** The reason why a URL is not taken, in words for people. */
export function problemWords(problem: string, url: string): string {
  for (const [pattern, words] of WORDS) if (pattern.test(problem)) return words;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (scheme !== undefined && !/^https?$/.test(scheme)) {
    return `Only http and https links can be fetched, not ${scheme}`;
  }
  if (/^data:/i.test(url)) return 'It is a picture inside the text, not a link to one';
  if (/^https?:/i.test(url)) return 'It is not a whole address';
  return /absolute http/.test(problem) ? 'It is no link: links begin with https://' : problem;
}
