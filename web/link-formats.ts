import { fileName } from './kept-jobs';

export const FORMAT_NAMES = {
  plain: 'Plain text',
  markdown: 'Markdown',
  html: 'HTML',
  bbcode: 'BBCode',
} as const;
export type LinkFormat = keyof typeof FORMAT_NAMES;

/** A picture's address, and where it came from if that is known. */
export interface LinkOf {
  readonly link: string;
  readonly url?: string;
}

const FORMATS: Record<LinkFormat, (link: string, name: string) => string> = {
  plain: (link) => link,
  markdown: (link, name) =>
    `![${name.replace(/[[\]\\]/g, '\\$&')}](${link.replaceAll('(', '%28').replaceAll(')', '%29')})`,
  html: (link, name) => `<img src="${escaped(link)}" alt="${escaped(name)}">`,
  bbcode: (link) => `[img]${link.replaceAll('[', '%5B').replaceAll(']', '%5D')}[/img]`,
};

/** Links as a text to paste elsewhere, one a line; the source's file name is what it says of each. */
export function formatLinks(links: readonly LinkOf[], format: LinkFormat): string {
  return links
    .map(({ link, url }) => FORMATS[format](link, url === undefined ? '' : fileName(url)))
    .join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

const IMGUR_PICTURE = /^https:\/\/i\.imgur\.com\/([A-Za-z0-9]{5}|[A-Za-z0-9]{7})\.[a-z0-9]+$/;

/** A small version of a picture: Imgur makes one of 160 pixels for the suffix `b`. */
export function thumbnailOf(link: string): string {
  const id = IMGUR_PICTURE.exec(link)?.[1];
  return id === undefined ? link : `https://i.imgur.com/${id}b.jpg`;
}

/** Whether a link may become an address to open: nothing but http(s) is. */
export function isOpenable(link: string): boolean {
  return /^https?:\/\//i.test(link);
}
