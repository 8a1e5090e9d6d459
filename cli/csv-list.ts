import type { Item } from './url-list';

/** Every cell of a CSV (RFC 4180); line breaks may be any. */
export function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cells = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n|\n|\r|$)/g;
  const plain = text.replace(/^\uFEFF/, '');
  for (const [, cell = '', end] of plain.matchAll(cells)) {
    row.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (end === ',') continue;
    if (row.some((each) => each !== '')) rows.push(row);
    row = [];
  }
  return rows;
}

/**
 * The URLs of a CSV: those of the column that its first line calls `url`, or else of the first column
 * that has one.
 */
export function csvItems(text: string, name: string): Item[] {
  const [head = [], ...rest] = csvRows(text);
  const named = head.findIndex((cell) => cell.trim().toLowerCase() === 'url');
  const isUrl = (cell: string): boolean => /^https?:\/\//i.test(cell.trim());
  const rows = named === -1 ? [head, ...rest] : rest;
  const column =
    named === -1 ? (rows.find((row) => row.some(isUrl)) ?? []).findIndex(isUrl) : named;
  return rows.flatMap((row, index) => {
    const url = row[column]?.trim() ?? '';
    const isTitle = named === -1 && index === 0 && !isUrl(url);
    if (url === '' || isTitle) return [];
    return [{ url, where: `${name}, row ${index + (named === -1 ? 1 : 2)}` }];
  });
}
