import { parseSourceUrl, sourceKey } from '../lib/net/source-url';

/** A URL and where it was given, to be named when something is wrong with it. */
export interface Item {
  readonly url: string;
  /** `list.txt:7`, `argument 2`. */
  readonly where: string;
}

/** The URLs of a list: one a line; blank lines and those with `#` in front say nothing. */
export function itemsOf(text: string, name: string): Item[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .map((line, index) => ({ url: line.trim(), where: `${name}:${index + 1}` }))
    .filter(({ url }) => url !== '' && !url.startsWith('#'));
}

export interface Judged {
  /** Each source once. */
  readonly items: Item[];
  readonly duplicates: number;
  /** One line for each item that is no URL to upload. */
  readonly problems: string[];
}

/**
 * Judges as the service does, but the whole list at once, and by line. A list may become several
 * jobs, and none of them should start if another one would be refused.
 */
export function judge(given: readonly Item[]): Judged {
  const bySource = new Map<string, Item>();
  const problems: string[] = [];
  for (const item of given) {
    const parsed = parseSourceUrl(item.url);
    if (!parsed.ok) {
      problems.push(`${item.where}: ${parsed.problem}`);
      continue;
    }
    const key = sourceKey(parsed.url);
    if (!bySource.has(key)) bySource.set(key, item);
  }
  const items = [...bySource.values()];
  return { items, duplicates: given.length - problems.length - items.length, problems };
}
