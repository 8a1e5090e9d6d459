export const LINK_FORMATS = ['plain', 'markdown', 'html'] as const;
export type LinkFormat = (typeof LINK_FORMATS)[number];

export const FORMAT_NAMES: Record<LinkFormat, string> = {
  plain: 'Plain',
  markdown: 'Markdown',
  html: 'HTML',
};

/** Links as a text to paste elsewhere, one a line. */
export function formatLinks(links: readonly string[], format: LinkFormat): string {
  return links.map((link) => formatLink(link, format)).join('\n');
}

function formatLink(link: string, format: LinkFormat): string {
  switch (format) {
    case 'plain':
      return link;
    case 'markdown':
      return `![](${link.replaceAll('(', '%28').replaceAll(')', '%29')})`;
    case 'html':
      return `<img src="${link.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')}" alt="">`;
  }
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
