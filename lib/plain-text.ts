/** How much of a text is looked at when a short message is made of it, in characters. */
const MESSAGE_INPUT = 4000;

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&nbsp;': ' ',
};

/**
 * One line of at most `max` UTF-16 units without tags, control, format or lone surrogate
 * characters, so that it can stand in a log, a terminal and a page.
 */
export function plainText(text: string, max: number): string {
  const line = text
    .slice(0, MESSAGE_INPUT)
    .replace(/<\/?[a-z][^<>]*>/gi, ' ')
    .replace(/&(?:amp|lt|gt|quot|#39|nbsp);/g, (entity) => ENTITIES[entity] ?? entity)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  if (line.length <= max) return line;
  return `${line.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
