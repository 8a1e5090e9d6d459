export const FORMAT_NAMES = { plain: 'Plain', markdown: 'Markdown', html: 'HTML' } as const;
export type LinkFormat = keyof typeof FORMAT_NAMES;

const FORMATS: Record<LinkFormat, (link: string) => string> = {
  plain: (link) => link,
  markdown: (link) => `![](${link.replaceAll('(', '%28').replaceAll(')', '%29')})`,
  html: (link) =>
    `<img src="${link.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')}" alt="">`,
};

/** Links as a text to paste elsewhere, one a line. */
export function formatLinks(links: readonly string[], format: LinkFormat): string {
  return links.map((link) => FORMATS[format](link)).join('\n');
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
